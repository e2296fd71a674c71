using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.OpenApi;

/// <summary>Whom a route lets in, as its authorization says, and what follows from that for the document.</summary>
internal sealed record Access(Right Right, bool IsForPeople, string? OptionalScheme)
{
    public static AnswerHeader Challenge { get; } = new("WWW-Authenticate", Schemas.Text(), "The credentials that are taken.");

    /// <summary>What may be wrong with a credential before its rights are looked at.</summary>
    public static IReadOnlyList<string> Unauthenticated { get; } =
        [ErrorCodes.MissingCredentials, ErrorCodes.InvalidApiKey, ErrorCodes.TokenExpired, ErrorCodes.TokenInvalid, ErrorCodes.IpNotAllowed];

    private static readonly string[] OfCredentials = [.. Unauthenticated, ErrorCodes.InsufficientScope];

    /// <summary>What the caller has to come with, as a sentence.</summary>
    public string? Needs => this switch
    {
        { Right: not Right.None } => $"Needs {Rights.Needed(Right).TrimEnd(',')}.",
        { IsForPeople: true } => "Needs the access token of a sign-in.",
        _ => null,
    };

    public IEnumerable<RequestParameter> Parameters => Right == Right.None ? [] : [RightAuthorization.Parameter];

    public static Access Of(IList<object> metadata)
    {
        var requirement = metadata.OfType<AuthorizationPolicy>().SelectMany(policy => policy.Requirements).OfType<RightRequirement>().LastOrDefault();
        return new Access(
            requirement?.Right ?? Right.None,
            requirement is null && metadata.OfType<IAuthorizeData>().Any(),
            metadata.OfType<TakesToken>().LastOrDefault()?.Scheme);
    }

    public IEnumerable<string> Codes(OpenApiOperation operation)
    {
        if (Right == Right.None && !IsForPeople) return [];
        if (Right == Right.None) return OfCredentials;
        var isConfined = operation.Parameters!.Any(parameter => parameter is { In: ParameterLocation.Path, Name: "collection_id" or "job_id" });
        return [.. OfCredentials, ErrorCodes.NotFound, .. isConfined ? [ErrorCodes.CollectionNotAllowed] : Array.Empty<string>()];
    }

    public IList<OpenApiSecurityRequirement> ToRequirements(OpenApiDocument document)
    {
        OpenApiSecurityRequirement Of(string scheme) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
        if (Right != Right.None) return [Of(ApiKeyAuthentication.SchemeName), Of(BearerAuthentication.SchemeName)];
        if (IsForPeople) return [Of(BearerAuthentication.SchemeName)];
        return OptionalScheme is null ? [] : [Of(OptionalScheme), []];
    }
}

/// <summary>A route that asks for no credential of the usual kind, and that makes something of a token if there is one.</summary>
internal sealed record TakesToken(string Scheme);
