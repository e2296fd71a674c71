using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Audit;

/// <summary>
/// The canonical encoding of an entry, which its hash is of: its line in the export without the hash. docs/audit.md describes it byte for byte,
/// and people verify exports by it with code of their own, so not a byte of it may ever change.
/// </summary>
internal static class AuditLine
{
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // What is in an entry goes into no page, so no letter needs to be written as a number for the sake of HTML.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, AuditRow row, long number)
    {
        using var json = new Utf8JsonWriter(output, Compact);
        json.WriteStartObject();
        json.WriteNumber("number", number);
        json.WriteString("organization_id", row.OrganizationId);
        json.WriteString("at", row.At.ToTime().UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
        json.WriteString("action", row.Action);
        json.WriteStartObject("actor");
        json.WriteString("kind", row.ActorKind);
        json.WriteString("id", row.ActorId);
        json.WriteString("label", row.ActorLabel);
        json.WriteEndObject();
        json.WriteString("address", row.Address);
        json.WriteString("request_id", row.RequestId);
        if (row.TargetKind is null)
        {
            json.WriteNull("target");
        }
        else
        {
            json.WriteStartObject("target");
            json.WriteString("kind", row.TargetKind);
            json.WriteString("id", row.TargetId);
            json.WriteEndObject();
        }

        json.WriteString("collection_id", row.CollectionId);
        json.WriteString("person", row.Person);
        json.WritePropertyName("details");
        json.WriteRawValue(row.Details ?? "null", skipInputValidation: true); // as it was written: to parse it would be to lose what somebody did to it
        json.WriteEndObject();
    }

    /// <summary>The line of the export: the canonical encoding with the hash before its last brace, and a line feed.</summary>
    public static void WriteWithHash(IBufferWriter<byte> output, ArrayBufferWriter<byte> scratch, AuditRow row)
    {
        scratch.ResetWrittenCount();
        Write(scratch, row, row.Number!.Value);
        output.Write(scratch.WrittenSpan[..^1]);
        output.Write(Encoding.ASCII.GetBytes($",\"hash\":\"{row.Hash}\"}}\n"));
    }
}
