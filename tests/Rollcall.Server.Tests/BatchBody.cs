namespace Rollcall.Server.Tests;

/// <summary>A batch to submit: images with their external ids, and whatever other parts.</summary>
internal sealed class BatchBody
{
    private readonly List<(string Part, string? FileName, byte[] Content)> _parts = [];

    public static BatchBody Of(params (string ExternalId, string File)[] images)
    {
        var body = new BatchBody();
        foreach (var (externalId, file) in images) body.Image(externalId, System.IO.File.ReadAllBytes(file));
        return body;
    }

    public BatchBody Image(string externalId, byte[] content) => File("images", content).Field("external_ids[]", externalId);

    public BatchBody File(string part, byte[] content)
    {
        _parts.Add((part, "image.jpg", content));
        return this;
    }

    public BatchBody Field(string part, string value)
    {
        _parts.Add((part, null, System.Text.Encoding.UTF8.GetBytes(value)));
        return this;
    }

    public MultipartFormDataContent ToContent()
    {
        var content = new MultipartFormDataContent();
        foreach (var (part, fileName, bytes) in _parts)
        {
            if (fileName is null) content.Add(new ByteArrayContent(bytes), part);
            else content.Add(new ByteArrayContent(bytes), part, fileName);
        }

        return content;
    }
}
