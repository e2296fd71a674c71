using Rollcall.Faces;

namespace Rollcall.Server.Hosting;

/// <summary>The engine with the model pack, which is obtained after the container is built and before the host starts.</summary>
internal sealed class FaceModels : IDisposable
{
    private FaceEngine? _engine;

    public bool Loaded => _engine is not null;

    public FaceEngine Engine => _engine ?? throw new InvalidOperationException("The models are not loaded yet.");

    public void Load(FaceEngine engine) => _engine = engine;

    public void Dispose() => _engine?.Dispose();
}
