using Dapper;
using Microsoft.Data.Sqlite;

namespace Rollcall.Cli.Sources;

/// <summary>
/// The photographs of a folder by their names, and which of them serve whom. In a file of its own that the system takes away, so that there may
/// be any number.
/// </summary>
internal sealed class ImageNames : IDisposable
{
    // A database without a name is SQLite's own temporary one, on disk.
    private readonly SqliteConnection _database = new("Data Source=");
    private readonly SqliteTransaction _transaction;

    public ImageNames(FolderSource folder)
    {
        _database.Open();
        _transaction = _database.BeginTransaction();
        _database.Execute(
            """
            CREATE TABLE image (name TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (name, path)) WITHOUT ROWID;
            CREATE TABLE face (id INTEGER PRIMARY KEY, location TEXT NOT NULL, external_id TEXT NOT NULL, metadata TEXT, code TEXT, message TEXT);
            CREATE INDEX face_location ON face (location, external_id);
            """);
        foreach (var photograph in folder.Photographs())
        {
            Name(Path.GetFileName(photograph.Location), photograph.Location);
            Name(Path.GetFileNameWithoutExtension(photograph.Location), photograph.Location);
        }
    }

    /// <summary>The photographs that are called so, with or without a picture's extension; two are enough to say that it is not clear which.</summary>
    public IReadOnlyList<string> Find(string name)
    {
        var found = Called(name);
        return found.Count == 0 && PictureNames.IsPicture(Path.GetExtension(name)) ? Called(Path.GetFileNameWithoutExtension(name)) : found;
    }

    public void Add(Photograph face) => _database.Execute(
        "INSERT INTO face (location, external_id, metadata, code, message) VALUES (@Location, @ExternalId, @Metadata, @Code, @Message)",
        new { face.Location, face.ExternalId, face.Metadata, face.Refusal?.Code, face.Refusal?.Message });

    /// <summary>All that were added. A photograph that several people share is none of them: which face is whose cannot be told.</summary>
    public IEnumerable<Photograph> Faces() => _database.Query<FaceRow>(
        "SELECT f.location, f.external_id AS ExternalId, f.metadata, f.code, f.message FROM face f ORDER BY f.id", buffered: false).Select(face =>
        {
            var refusal = face.Code is { } code ? new Refusal(code, face.Message!) : IsShared(face.Location) ? Shared(face.Location) : null;
            return new Photograph(face.Location, face.ExternalId) { Metadata = face.Metadata, Refusal = refusal };
        });

    public void Dispose()
    {
        _transaction.Dispose();
        _database.Dispose();
    }

    private bool IsShared(string location) => _database.ExecuteScalar<long>(
        "SELECT min(external_id) <> max(external_id) FROM face WHERE location = @location AND code IS NULL", new { location }) == 1;

    private static Refusal Shared(string location) => new(Refusal.AmbiguousPhotograph, $"'{Path.GetFileName(location)}' is listed for several people: give each a photograph of their own.");

    private void Name(string name, string path) => _database.Execute("INSERT OR IGNORE INTO image (name, path) VALUES (@name, @path)", new { name, path });

    private List<string> Called(string name) => _database.Query<string>("SELECT path FROM image WHERE name = @name LIMIT 2", new { name }).AsList();

    private sealed record FaceRow(string Location, string ExternalId, string? Metadata, string? Code, string? Message);
}
