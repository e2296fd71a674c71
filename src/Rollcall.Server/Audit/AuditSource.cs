using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Rollcall.Server.Accounts;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Audit;

/// <summary>Who acts, and from where: a key, a person, nobody who is known, or the server by itself.</summary>
internal sealed record AuditSource(string Kind, string? Id, string? Label, string? Address, string? RequestId)
{
    public const string Key = "key";
    public const string User = "user";

    public static AuditSource System { get; } = new("system", null, null, null, null);

    /// <summary>Without a request it is the server itself. The address is that of the connection, or what a trusted proxy says of it.</summary>
    public static AuditSource Of(HttpContext? http)
    {
        if (http is null) return System;

        var anonymous = new AuditSource("anonymous", null, null, AddressOf(http.Connection.RemoteIpAddress), http.TraceIdentifier);
        if (http.User.FindFirstValue(ApiKeyAuthentication.KeyClaim) is { } key)
            return anonymous with { Kind = Key, Id = key, Label = http.User.FindFirstValue(ApiKeyAuthentication.PrefixClaim) };
        return http.User.FindFirstValue(BearerAuthentication.AccountClaim) is { } account ? anonymous.As(account) : anonymous;
    }

    public static AuditSource FromJson(string? json) => json is null ? System : JsonSerializer.Deserialize<AuditSource>(json)!;

    /// <summary>The same request, by this account.</summary>
    public AuditSource As(string accountId) => this with { Kind = User, Id = accountId, Label = null };

    public string ToJson() => JsonSerializer.Serialize(this);

    private static string? AddressOf(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
