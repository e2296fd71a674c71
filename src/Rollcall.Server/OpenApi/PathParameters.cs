using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;

namespace Rollcall.Server.OpenApi;

/// <summary>The ids that paths have: a name means the same in every path.</summary>
internal static class PathParameters
{
    public static IEnumerable<RequestParameter> Of(string path) => RoutePatternFactory.Parse(path).Parameters.Select(part => Of(part.Name, DescriptionOf(part.Name)));

    private static RequestParameter Of(string name, string description) =>
        new(ParameterLocation.Path, name, Schemas.Text(shortest: 1), description) { IsRequired = true };

    private static string DescriptionOf(string name) => name switch
    {
        "org_id" => "The organization, `org_…`.",
        "collection_id" => "The collection, `col_…`.",
        "face_id" => "The face, `face_…`.",
        "job_id" => "The job, a UUID.",
        "user_id" => "The member's account, `user_…`.",
        "key_id" => "The API key, `key_…`.",
        _ => throw new InvalidOperationException($"The document does not know what {{{name}}} in a path is: say it in {nameof(PathParameters)}."),
    };
}
