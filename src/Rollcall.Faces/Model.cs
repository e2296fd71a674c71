using Microsoft.ML.OnnxRuntime;

namespace Rollcall.Faces;

/// <summary>One loaded model. A session may run on any number of threads at once; see docs/adr/0003.</summary>
internal sealed class Model : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputs;

    public Model(string path, int threads, bool fixedShapes)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // A pattern is remembered for each input shape; a detector that sees every shape would only collect them.
            EnableMemoryPattern = fixedShapes,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(path, options);
        var (name, input) = _session.InputMetadata.Single();
        _inputs = [name];
        // A size that the caller may choose is negative.
        FixedSize = input.Dimensions is [_, _, > 0 and var height, > 0 and var width] ? (width, height) : null;
        Outputs = [.. _session.OutputMetadata.Keys];
    }

    public string[] Outputs { get; }

    /// <summary>The one size of picture that the model takes, or null when it takes any.</summary>
    public (int Width, int Height)? FixedSize { get; }

    /// <summary>Runs on the caller's memory: no copy goes in, and the outputs are read where the runtime wrote them.</summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(Memory<float> input, long[] shape)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input, shape);
        return _session.Run(_runOptions, _inputs, [value], Outputs);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }
}
