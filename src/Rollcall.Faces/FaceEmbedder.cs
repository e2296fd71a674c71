using System.Numerics.Tensors;

namespace Rollcall.Faces;

/// <summary>Stage 5: an aligned face becomes a vector of unit length.</summary>
internal sealed class FaceEmbedder(Model model, int dimensions) : IDisposable
{
    public float[] Embed(AlignedFace face)
    {
        using var outputs = model.Run(face.Tensor, [1, 3, face.Side, face.Side]);
        var raw = outputs[0].GetTensorDataAsSpan<float>();
        if (raw.Length != dimensions)
            throw new InvalidOperationException($"The embedding model answers {raw.Length} numbers; its pack says {dimensions}.");
        var length = TensorPrimitives.Norm(raw);
        if (!(length > 0) || !float.IsFinite(length))
            throw new InvalidOperationException("The embedding model answered a vector without a length.");
        var vector = new float[dimensions];
        TensorPrimitives.Divide(raw, length, vector);
        return vector;
    }

    public void Dispose() => model.Dispose();
}
