using System.Diagnostics.CodeAnalysis;

namespace Rollcall.Server.Hosting;

/// <summary>A value, or the reason why the request is refused.</summary>
internal readonly struct Result<T>
{
    private readonly T? _value;
    private readonly Problem? _problem;

    private Result(T? value, Problem? problem) => (_value, _problem) = (value, problem);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Problem problem) => new(default, problem);

    public bool IsRefused([NotNullWhen(true)] out Problem? problem, [MaybeNull] out T value)
    {
        (problem, value) = (_problem, _value);
        return problem is not null;
    }
}
