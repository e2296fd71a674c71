using Microsoft.OpenApi;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.OpenApi;

/// <summary>A part of a form: what the parser takes under its name, and what the document says of it.</summary>
internal sealed record FormPart(string Name, OpenApiSchema Schema, string Description)
{
    /// <summary>Other names for the same.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Names that are not to be listed: a pattern that they all match.</summary>
    public string? NamePattern { get; init; }

    public bool IsRequired { get; init; }

    public bool IsImage { get; init; }

    public static FormPart Image(string name, string description) => new(name, Schemas.File(), description) { IsRequired = true, IsImage = true };
}

/// <summary>
/// A route's form. The route's parser knows parts by this table and the document is written from it, so that they say the same; a part that
/// is not in it is refused.
/// </summary>
internal sealed class MultipartForm
{
    private readonly Dictionary<string, FormPart> _byName = new(StringComparer.Ordinal);

    public MultipartForm(params IReadOnlyList<FormPart> parts)
    {
        Parts = parts;
        Images = [.. parts.Where(part => part.IsImage).Select(part => part.Name)];
        foreach (var part in parts)
        {
            foreach (var name in part.OtherNames.Prepend(part.Name)) _byName.Add(name, part);
        }
    }

    public IReadOnlyList<FormPart> Parts { get; }

    public IReadOnlyList<string> Images { get; }

    /// <summary>Of these names there is at least one.</summary>
    public IReadOnlyList<string> Either { get; init; } = [];

    /// <summary>Whether several of <see cref="Either"/> are refused.</summary>
    public bool EitherExcludes { get; init; }

    public FormPart? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Why a part is refused, with the names that are taken: <c>image</c> for <c>images</c> is soon written.</summary>
    public Problem Unknown(string name) =>
        Problem.Invalid($"The part '{name}' is not known here. The parts are: {string.Join(", ", Parts.Select(part => part.Name))}.");

    /// <summary>A part that was sent as a query parameter would be ignored, and the opposite of what was meant be done.</summary>
    public Problem? Misplaced(IQueryCollection query) =>
        query.Keys.FirstOrDefault(name => Find(name) is not null) is { } name ? Problem.Invalid($"{name} is a part of the form, not a query parameter.") : null;

    public OpenApiRequestBody ToBody()
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>(),
            AdditionalPropertiesAllowed = false,
            Required = Parts.Where(part => part.IsRequired).Select(part => part.Name).ToHashSet(StringComparer.Ordinal),
        };
        var encodings = new Dictionary<string, OpenApiEncoding>();
        foreach (var part in Parts)
        {
            Add(part, part.Name, part.Description);
            foreach (var other in part.OtherNames) Add(part, other, $"The same as {part.Name}.");
            if (part.NamePattern is not { } pattern) continue;
            schema.PatternProperties ??= new Dictionary<string, IOpenApiSchema>();
            schema.PatternProperties.Add(pattern, part.Schema);
        }

        var either = Either.Select(name => (IOpenApiSchema)new OpenApiSchema { Required = new HashSet<string> { name } }).ToList();
        if (EitherExcludes) schema.OneOf = either;
        else if (either.Count > 0) schema.AnyOf = either;

        return new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["multipart/form-data"] = new() { Schema = schema, Encoding = encodings } },
        };

        void Add(FormPart part, string name, string description)
        {
            var copy = (OpenApiSchema)part.Schema.CreateShallowCopy();
            copy.Description = description;
            schema.Properties.Add(name, copy);
            if (part.IsImage) encodings.Add(name, new OpenApiEncoding { ContentType = "image/jpeg, image/png, image/webp" });
        }
    }
}
