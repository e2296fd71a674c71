using System.Net;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Tests.Enrol;

public sealed class PatienceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _told = [];

    [Fact]
    public async Task It_waits_as_long_as_the_server_says()
    {
        var calls = 0;
        var running = Patience().RunAsync(() => ++calls == 1 ? throw Busy(TimeSpan.FromSeconds(40)) : Task.FromResult("done"), TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromSeconds(39));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("done", await running);
        Assert.Equal(2, calls);
        Assert.Single(_told);
    }

    [Fact]
    public async Task It_gives_up_when_nothing_has_worked_for_a_while_and_says_how_to_go_on()
    {
        var running = Patience().RunAsync<string>(() => throw new HttpRequestException("refused"), TestContext.Current.CancellationToken);
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        var exception = await Assert.ThrowsAsync<CommandException>(() => running);
        Assert.Equal(ExitCode.Unreachable, exception.ExitCode);
        Assert.Contains("same command", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, ErrorCodes.InsufficientScope)]
    [InlineData(HttpStatusCode.UnprocessableEntity, ErrorCodes.IdempotencyKeyReused)]
    public async Task What_will_not_change_by_waiting_is_told_at_once(HttpStatusCode status, string code)
    {
        var exception = await Assert.ThrowsAsync<RollcallException>(
            () => Patience().RunAsync<string>(() => throw new RollcallException(code, "no") { Status = status }, TestContext.Current.CancellationToken));

        Assert.Equal(code, exception.Code);
    }

    private Patience Patience() => new(_time, TimeSpan.FromMinutes(5), _told.Add);

    private static RollcallException Busy(TimeSpan wait) =>
        new(ErrorCodes.ServiceBusy, "busy") { Status = HttpStatusCode.ServiceUnavailable, RetryAfter = wait };
}
