using Rollcall.Faces.Models;

namespace Rollcall.Faces;

/// <summary>Pixels in, vectors out. Safe for any number of threads; the model sessions are shared.</summary>
/// <remarks>
/// The way of a picture:
/// <list type="number">
/// <item>decode: bytes become pixels, no more of them than needed (<see cref="ImageDecoder"/>)</item>
/// <item>detect: every face that counts, with its landmarks (<see cref="FaceDetector"/>)</item>
/// <item>choose, of several and only where that is asked for: each becomes a vector, and the one most like the known ones is taken</item>
/// <item>align: the chosen face is brought into the pose of the template (<see cref="FaceAligner"/>)</item>
/// <item>assess: how fit for recognition it is (<see cref="FaceAssessor"/>)</item>
/// <item>liveness, only where that is asked for: whether it looks like a picture of a picture (<see cref="LivenessCheck"/>)</item>
/// <item>embed: the aligned face becomes a vector (<see cref="FaceEmbedder"/>)</item>
/// </list>
/// </remarks>
public sealed partial class FaceEngine : IDisposable
{
    /// <summary>So many faces of one picture are looked through by <see cref="MultipleFacesRule.MostLike"/>; each costs an embedding.</summary>
    public const int MostToChooseFrom = 32;

    private readonly FaceDetector _detector;
    private readonly FaceAligner _aligner;
    private readonly FaceAssessor _assessor;
    private readonly FaceEmbedder _embedder;
    private readonly QualityModel? _quality;
    private readonly LivenessCheck? _liveness;

    /// <summary>Loads the pack's models.</summary>
    /// <param name="installed">The pack and its verified files, from <see cref="ModelStore.ObtainAsync"/>.</param>
    /// <param name="options">How to use the machine.</param>
    public FaceEngine(InstalledPack installed, FaceEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(installed);
        Pack = installed.Pack;
        var threads = (options ?? new()).ThreadsPerInference;
        _detector = new(new(installed.PathOf(ModelRole.Detect), threads, fixedShapes: false), Pack.DetectionThreshold);
        _aligner = new(Pack.Embedder);
        _quality = Pack.QualityModel is { } input ? new(new(installed.PathOf(ModelRole.Quality), threads, fixedShapes: true), input) : null;
        _assessor = new(Pack, _quality);
        _embedder = new(new(installed.PathOf(ModelRole.Embed), threads, fixedShapes: true), Pack.Dimensions);
        _liveness = LivenessCheck.Load(installed, threads);
    }

    /// <summary>The pack that the vectors come from.</summary>
    public ModelPack Pack { get; }

    /// <summary>Whether <see cref="AnalysisOptions.CheckLiveness"/> can be asked for: the pack has models for it, and all of them are here.</summary>
    public bool ChecksLiveness => _liveness is not null;

    /// <summary>Finds, assesses and embeds the face of a picture. A bad picture is a result, never an exception.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="options">The caller's gates.</param>
    /// <param name="ct">Looked at between the stages.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Liveness is asked for, and <see cref="ChecksLiveness"/> is false.</exception>
    public FaceAnalysis Analyze(ReadOnlyMemory<byte> encoded, AnalysisOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.CheckLiveness && !ChecksLiveness)
            throw new InvalidOperationException($"The pack '{Pack.Id}' cannot check liveness here.");
        ct.ThrowIfCancellationRequested();

        // 1. decode
        options.Clock?.Start();
        using var picture = ImageDecoder.Decode(encoded, out var failure);
        options.Clock?.End(FaceStage.Decode);
        if (picture is null)
            return failure!;
        ct.ThrowIfCancellationRequested();

        // 2. detect
        var faces = Counting(picture);
        options.Clock?.End(FaceStage.Detect);
        if (faces.Count == 0)
            return new FaceAnalysis.NoFace();
        if (faces.Count > 1 && Refused(faces.Count, options) is { } many)
            return many;
        ct.ThrowIfCancellationRequested();

        // 3. choose
        var choice = faces.Count > 1 && options.MultipleFaces == MultipleFacesRule.MostLike ? Choose(picture, faces, options, ct) : null;
        var taken = faces[choice?.Taken ?? 0];

        // 4. align
        using var aligned = _aligner.Align(picture, taken);
        options.Clock?.End(FaceStage.Align);

        // 5. assess
        var face = Assessed(picture, taken, aligned);
        options.Clock?.End(FaceStage.Assess);
        if (face.Quality.Score < options.MinQuality)
            return new FaceAnalysis.TooPoor(WithReason(face, picture, taken, aligned), faces.Count) { Choice = choice };
        ct.ThrowIfCancellationRequested();

        // 6. liveness
        if (options.CheckLiveness && NotLive(picture, taken, face, faces.Count, options) is { } notLive)
            return notLive with { Choice = choice };
        ct.ThrowIfCancellationRequested();

        // 7. embed
        if (choice is not null)
            return new FaceAnalysis.Found(face, choice.Faces[choice.Taken], faces.Count) { Choice = choice };
        var embedding = _embedder.Embed(aligned);
        options.Clock?.End(FaceStage.Embed);
        return new FaceAnalysis.Found(face, embedding, faces.Count);
    }

    /// <summary>Every face of a picture that counts, largest first, without vectors.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="ct">Looked at between the stages.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public FaceSurvey Survey(ReadOnlyMemory<byte> encoded, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var picture = ImageDecoder.Decode(encoded, out var failure);
        if (picture is null)
            return new FaceSurvey.Unreadable(failure!.Cause, failure.Message);
        var faces = new List<AssessedFace>();
        foreach (var detection in Counting(picture))
        {
            ct.ThrowIfCancellationRequested();
            using var aligned = _aligner.Align(picture, detection);
            faces.Add(Assessed(picture, detection, aligned));
        }

        return new FaceSurvey.Read(faces);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _detector.Dispose();
        _embedder.Dispose();
        _quality?.Dispose();
        _liveness?.Dispose();
    }

    /// <summary>The faces whose box is large enough in the file's pixels; the detector has looked at their score.</summary>
    private List<Detection> Counting(Picture picture)
    {
        var faces = _detector.Detect(picture);
        faces.RemoveAll(face => face.ShortSide * picture.Reduction < Pack.MinFaceSide);
        return faces;
    }

    private AssessedFace Assessed(Picture picture, Detection face, AlignedFace aligned)
    {
        var (left, right) = (Math.Clamp(face.X / picture.Width, 0, 1), Math.Clamp((face.X + face.Width) / picture.Width, 0, 1));
        var (top, bottom) = (Math.Clamp(face.Y / picture.Height, 0, 1), Math.Clamp((face.Y + face.Height) / picture.Height, 0, 1));
        FacePoint Point(int i) =>
            new((face.Landmarks[i].X + 0.5) / picture.Width, (face.Landmarks[i].Y + 0.5) / picture.Height);
        return new(
            new(left, top, right - left, bottom - top),
            new(Point(0), Point(1), Point(2), Point(3), Point(4)),
            face.Score,
            _assessor.Assess(picture, face, aligned));
    }

    private AssessedFace WithReason(AssessedFace face, Picture picture, Detection detection, AlignedFace aligned) =>
        face.Quality.Reasons.Count > 0
            ? face
            : face with { Quality = face.Quality with { Reasons = [_assessor.WorstReason(picture, detection, aligned)] } };
}
