using Rollcall.Faces.Models;

namespace Rollcall.Faces;

/// <summary>
/// A part of stage 4, for packs that have it: one number, higher for a better face. It sees blur, noise and what covers a
/// face; darkness it hardly sees, so that it is one measure among the others.
/// </summary>
internal sealed class QualityModel(Model model, FaceInput input) : IDisposable
{
    private readonly FaceAligner _aligner = new(input);

    public double Judge(Picture picture, Detection face)
    {
        using var aligned = _aligner.Align(picture, face);
        using var outputs = model.Run(aligned.Tensor, [1, 3, aligned.Side, aligned.Side]);
        var answer = outputs[0].GetTensorDataAsSpan<float>();
        if (answer.Length != 1 || !float.IsFinite(answer[0]))
            throw new InvalidOperationException($"The quality model answered {answer.Length} numbers or none that is finite.");
        return answer[0];
    }

    public void Dispose() => model.Dispose();
}
