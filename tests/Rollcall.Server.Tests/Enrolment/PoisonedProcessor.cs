using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rollcall.Faces;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>A decoder that has a bug: a picture with certain bytes ends the process in native code, another one never comes back from there.</summary>
internal sealed class PoisonedProcessor(
    WorkQueue queue,
    KnownFaces known,
    FileBlobStore blobs,
    FaceModels models,
    Instruments instruments,
    TimeProvider time,
    IOptions<QueueOptions> options,
    ILogger<ItemProcessor> logger) : ItemProcessor(queue, known, blobs, models, instruments, time, options, logger)
{
    private static ReadOnlySpan<byte> Deadly => "a picture that ends the process"u8;

    private static ReadOnlySpan<byte> Endless => "a picture without an end"u8;

    /// <summary>What follows the end of a JPEG does not matter to a decoder without a bug.</summary>
    public static byte[] EndTheProcess(byte[] jpeg) => [.. jpeg, .. Deadly];

    public static byte[] Hang(byte[] jpeg) => [.. jpeg, .. Endless];

    protected override FaceAnalysis Analyze(ReadOnlyMemory<byte> picture, AnalysisOptions options, CancellationToken ct)
    {
        if (picture.Span.IndexOf(Deadly) >= 0) Abort();
        while (picture.Span.IndexOf(Endless) >= 0) _ = Pause();
        return base.Analyze(picture, options, ct);
    }

    [DllImport("libc", EntryPoint = "abort")]
    private static extern void Abort();

    [DllImport("libc", EntryPoint = "pause")]
    private static extern int Pause();
}
