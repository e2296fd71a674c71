using System.Text;
using System.Text.Json;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Tests.Sources;

public sealed class FaceListReaderTests
{
    [Theory]
    [InlineData("""{"faces": [{"id": 1}, {"id": 2}], "page_number": 0}""", 2)]
    [InlineData("""{"page": {"of": [1]}, "faces": [{"id": 1}]} {"faces": []} {"faces": [{"id": 2}]}""", 2)]
    [InlineData("""[{"faces": [{"id": 1}]}, {"id": 2}, [{"id": 3}]]""", 3)]
    [InlineData("""{"id": 1}""", 1)]
    public void It_reads_an_answer_several_answers_and_bare_lists(string json, int faces) => Assert.Equal(faces, Read(json).Count);

    [Fact]
    public void A_list_of_any_length_is_gone_through_in_the_same_memory()
    {
        var json = new StringBuilder("""{"page": 1, "faces": [""");
        for (var n = 0; n < 20_000; n++) json.Append(n == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"id": {{n}}, "subject": "somebody with a name"}""");
        var text = json.Append("""], "total": 20000} {"faces": [{"id": 20000}]}""").ToString();

        Assert.Equal(Enumerable.Range(0, 20_001), Read(text).Select(face => face.GetProperty("id").GetInt32()));
    }

    [Theory]
    [InlineData("{\"faces\": [1]}")]
    [InlineData("{\"faces\": {}}")]
    [InlineData("[\"x\"]")]
    [InlineData("7")]
    public void Json_of_another_kind_is_told(string json) => Assert.Throws<InvalidDataException>(() => Read(json));

    [Theory]
    [InlineData("{\"faces\": [{\"id\": 1}, {\"id\"")]
    [InlineData("no json")]
    [InlineData("")]
    public void What_breaks_off_is_told(string json) => Assert.ThrowsAny<JsonException>(() => Read(json));

    private static List<JsonElement> Read(string json) => [.. new FaceListReader(new MemoryStream(Encoding.UTF8.GetBytes(json)), "faces").Faces()];
}
