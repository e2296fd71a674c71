using System.Text.Json;

namespace Rollcall.Cli.Sources;

/// <summary>
/// The faces of another product's answer, of several answers one after the other, of a list of answers, or of a bare list of faces: one face in
/// memory at a time, however long a list is.
/// </summary>
/// <param name="stream">The JSON.</param>
/// <param name="list">The member that holds the list in an answer.</param>
internal sealed class FaceListReader(Stream stream, string list)
{
    /// <summary>An object that is larger is an answer with a list in it, which is gone through; a smaller one is looked at as a whole.</summary>
    private const int LargestFace = 64 * 1024;

    private readonly Stack<Place> _places = new([Place.Outside]);
    private byte[] _bytes = new byte[2 * LargestFace];
    private int _start;
    private int _end;
    private bool _isLast;
    private bool _isBegun;
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true });

    private enum Place
    {
        /// <summary>Of all values, or in a list of answers or faces.</summary>
        Outside,

        /// <summary>In an answer, before a member.</summary>
        Answer,

        /// <summary>In an answer, before the list.</summary>
        Member,

        /// <summary>In the list of an answer.</summary>
        List,
    }

    /// <exception cref="JsonException">It is no JSON, or it breaks off.</exception>
    /// <exception cref="InvalidDataException">It is JSON of another kind.</exception>
    public IEnumerable<JsonElement> Faces()
    {
        while (true)
        {
            switch (Step(out var value))
            {
                case Progress.End when !_isBegun: throw new JsonException("It is empty.");
                case Progress.End: yield break;
                case Progress.NeedsMore: More(); break;
                case Progress.Value:
                    foreach (var face in Within(value)) yield return face;
                    break;
            }
        }
    }

    private Progress Step(out JsonElement value)
    {
        value = default;
        var reader = new Utf8JsonReader(_bytes.AsSpan(_start, _end - _start), _isLast, _state);
        if (!reader.Read()) return _isLast ? Progress.End : Progress.NeedsMore;

        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                _places.Push(_places.Peek() == Place.Member ? Place.List : Place.Outside);
                break;
            case JsonTokenType.EndArray:
                _places.Pop();
                if (_places.Peek() == Place.Member) _places.Pop();
                break;
            case JsonTokenType.StartObject when _places.Peek() != Place.Member:
                if (JsonElement.TryParseValue(ref reader, out var whole))
                {
                    value = whole.Value;
                    return Passed(reader, Progress.Value);
                }

                if (_places.Peek() == Place.List || _end - _start <= LargestFace) return Progress.NeedsMore;
                reader = new Utf8JsonReader(_bytes.AsSpan(_start, _end - _start), _isLast, _state);
                reader.Read();
                _places.Push(Place.Answer);
                break;
            case JsonTokenType.PropertyName when reader.ValueTextEquals(list):
                _places.Push(Place.Member);
                break;
            case JsonTokenType.PropertyName:
                if (!reader.TrySkip()) return Progress.NeedsMore;
                break;
            case JsonTokenType.EndObject:
                _places.Pop();
                break;
            default:
                throw new InvalidDataException();
        }

        return Passed(reader, Progress.Token);
    }

    private Progress Passed(in Utf8JsonReader reader, Progress progress)
    {
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return progress;
    }

    private IEnumerable<JsonElement> Within(JsonElement value)
    {
        if (_places.Peek() == Place.List || !value.TryGetProperty(list, out var faces)) return [value];
        return faces.ValueKind == JsonValueKind.Array && faces.EnumerateArray().All(face => face.ValueKind == JsonValueKind.Object)
            ? faces.EnumerateArray()
            : throw new InvalidDataException();
    }

    private void More()
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        var count = stream.Read(_bytes, _end, _bytes.Length - _end);
        _isLast = count == 0;
        _end += count;
        if (_isBegun || count == 0) return;
        _isBegun = true;
        if (_bytes.AsSpan(0, _end).StartsWith("\uFEFF"u8)) _start = 3;
    }

    private enum Progress
    {
        Token,
        Value,
        NeedsMore,
        End,
    }
}
