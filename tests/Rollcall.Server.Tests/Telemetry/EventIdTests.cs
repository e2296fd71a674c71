using System.Reflection;
using Microsoft.Extensions.Logging;
using Rollcall.Client;
using Rollcall.Faces;

namespace Rollcall.Server.Tests.Telemetry;

public sealed class EventIdTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void A_number_in_the_log_stands_for_one_thing()
    {
        var messages = new[] { typeof(Program).Assembly, typeof(FaceEngine).Assembly, typeof(RollcallClient).Assembly }
            .SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(All))
            .Select(method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(method => method.Message is not null).ToList();

        Assert.True(messages.Count > 20, "The messages are not found any more.");
        Assert.DoesNotContain(messages, method => method.Message!.EventId <= 0);
        var shared = messages.GroupBy(method => method.Message!.EventId).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(method => method.Name))}");
        Assert.Empty(shared);
    }
}
