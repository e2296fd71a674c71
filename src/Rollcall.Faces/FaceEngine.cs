using Rollcall.Faces.Models;

namespace Rollcall.Faces;

/// <summary>Pixels in, vectors out. Safe for any number of threads; the model sessions are shared.</summary>
public sealed class FaceEngine : IDisposable
{
    /// <summary>Loads the pack's models.</summary>
    /// <param name="installed">The pack and its verified files, from <see cref="ModelStore.ObtainAsync"/>.</param>
    /// <param name="options">How to use the machine.</param>
    public FaceEngine(InstalledPack installed, FaceEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(installed);
        Pack = installed.Pack;
    }

    /// <summary>The pack that the vectors come from.</summary>
    public ModelPack Pack { get; }

    /// <summary>Finds, assesses and embeds the face of a picture. A bad picture is a result, never an exception.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="options">The caller's gates.</param>
    /// <param name="ct">Looked at between the stages.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public FaceAnalysis Analyze(ReadOnlyMemory<byte> encoded, AnalysisOptions options, CancellationToken ct = default) =>
        throw new NotImplementedException();

    /// <summary>Every face of a picture that counts, largest first, without vectors.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="ct">Looked at between the stages.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public FaceSurvey Survey(ReadOnlyMemory<byte> encoded, CancellationToken ct = default) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
