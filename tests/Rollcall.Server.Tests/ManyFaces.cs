using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests;

/// <summary>More people than a test could enrol, straight into the tables as an enrolment leaves them.</summary>
internal static class ManyFaces
{
    public static Task AddAsync(TestHost host, string organization, string collection, int faces, int perPerson = 1) => host.Get<Database>().WriteAsync(
        async tx =>
        {
            var now = host.Get<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
            var persons = (faces + perPerson - 1) / perPerson;
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO person (collection_id, external_id) VALUES (@collection, @name)",
                Enumerable.Range(0, persons).Select(i => new { collection, name = $"many-{i:D6}" }),
                tx);
            var first = await tx.Connection!.ExecuteScalarAsync<long>(
                "SELECT MIN(num) FROM person WHERE collection_id = @collection AND external_id LIKE 'many-%'", new { collection }, tx);
            await tx.Connection!.ExecuteAsync(
                """
                INSERT INTO face (id, organization_id, collection_id, person_num, external_id, quality_score, box_x, box_y, box_width, box_height,
                  image_sha256, model, vector, owner_seq, state, change_seq, created_at)
                VALUES (@id, @organization, @collection, @person, @name, 0.5, 0, 0, 1, 1, '', 'standard', @vector, 0, 0, @number, @now)
                """,
                Enumerable.Range(0, faces).Select(i => new
                {
                    id = $"face_0{i:D31}",
                    organization,
                    collection,
                    person = first + (i / perPerson),
                    name = $"many-{i / perPerson:D6}",
                    vector = Vector(i),
                    number = i + 1,
                    now,
                }),
                tx);
            await tx.Connection!.ExecuteAsync(
                "UPDATE collection SET change_seq = @faces, face_count = @faces, person_count = @persons WHERE id = @collection", new { faces, persons, collection }, tx);
        },
        CancellationToken.None);

    /// <summary>A unit vector that is the same for the same number and hardly like another's.</summary>
    public static byte[] Vector(int number)
    {
        var vector = new float[128];
        var seed = (uint)number + 1;
        for (var i = 0; i < vector.Length; i++)
        {
            seed = (seed * 1_664_525) + 1_013_904_223;
            vector[i] = ((seed >> 8) / (float)(1 << 24)) - 0.5f;
        }

        var length = MathF.Sqrt(vector.Sum(x => x * x));
        return MemoryMarshal.AsBytes(vector.Select(x => x / length).ToArray().AsSpan()).ToArray();
    }
}
