using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

/// <summary>The contract's shape of a success.</summary>
internal static class Envelope
{
    public static Ok<ApiResponse<T>> Ok<T>(T data)
        where T : class => TypedResults.Ok(ApiResponse.Ok(data));

    public static Created<ApiResponse<T>> Created<T>(string location, T data)
        where T : class => TypedResults.Created(location, ApiResponse.Ok(data));

    public static Accepted<ApiResponse<T>> Accepted<T>(string location, T data)
        where T : class => TypedResults.Accepted(location, ApiResponse.Ok(data));
}
