using System.Data.Common;
using Dapper;
using Rollcall.Server.Collections;
using Rollcall.Server.Faces;

namespace Rollcall.Server.Enrolment;

/// <summary>The persons of a group of items, locked, with their references; and the writing of what the rules changed.</summary>
internal sealed class PersonLedger
{
    private readonly Dictionary<(string Collection, string ExternalId), Person> _persons = [];
    private HashSet<string> _singles = [];

    private PersonLedger()
    {
    }

    public static async Task<PersonLedger> LockAsync(DbTransaction tx, IEnumerable<ClaimedItem> items, Suppressions suppressions)
    {
        var ledger = new PersonLedger();
        var group = items.ToList();
        if (group.Count == 0) return ledger;

        ledger._singles = group.Where(item => item.IsSingle).Select(item => item.JobId).ToHashSet(StringComparer.Ordinal);
        foreach (var (collectionId, externalId) in group.Select(item => (item.CollectionId, item.ExternalId)).Distinct()
            .OrderBy(key => key.CollectionId, StringComparer.Ordinal).ThenBy(key => key.ExternalId, StringComparer.Ordinal))
        {
            // The no-op update is what locks a row that is there already.
            var num = await tx.Connection!.ExecuteScalarAsync<long>(
                """
                INSERT INTO person (collection_id, external_id) VALUES (@collectionId, @externalId)
                ON CONFLICT (collection_id, external_id) DO UPDATE SET external_id = excluded.external_id RETURNING num
                """,
                new { collectionId, externalId },
                tx);
            ledger._persons[(collectionId, externalId)] = new Person(num);
        }

        foreach (var person in await suppressions.AmongAsync(tx, ledger._persons.Keys)) ledger._persons[person].IsSuppressed = true;
        await ledger.ReadReferencesAsync(tx, group);
        await ledger.ReadImagesAsync(tx, group);
        return ledger;
    }

    /// <summary>
    /// The persons of items of one dry run as they would be by now: with the references that its earlier items would have made. Nothing of it
    /// is ever written, so it must not be the ledger of anybody else.
    /// </summary>
    public static async Task<PersonLedger> RehearseAsync(DbTransaction tx, IEnumerable<ClaimedItem> items, Suppressions suppressions)
    {
        var group = items.ToList();
        var ledger = await LockAsync(tx, group, suppressions);
        var persons = group.DistinctBy(item => item.ExternalId).ToDictionary(item => item.ExternalId, StringComparer.Ordinal);
        var made = await tx.Connection!.QueryAsync<(string ExternalId, string Sha256, double Quality)>(
            "SELECT external_id, image_sha256, quality_score FROM job_item WHERE job_id = @jobId AND external_id IN @externalIds AND outcome IN ('enrolled', 'replaced')",
            new { jobId = group[0].JobId, externalIds = persons.Keys },
            tx);
        foreach (var (externalId, sha256, quality) in made)
        {
            var item = persons[externalId];
            ledger.Of(item).References.Add(Imagined(ledger.Of(item), item, sha256, quality));
        }

        return ledger;
    }

    public Person? Find(ClaimedItem item) => _persons.GetValueOrDefault((item.CollectionId, item.ExternalId));

    public Person Of(ClaimedItem item) => _persons[(item.CollectionId, item.ExternalId)];

    /// <summary>What stands, and what these jobs have superseded; the rest is no matter to them.</summary>
    private async Task ReadReferencesAsync(DbTransaction tx, List<ClaimedItem> group)
    {
        var persons = _persons.Values.ToDictionary(person => person.Num);
        var references = await tx.Connection!.QueryAsync<Reference>(
            """
            SELECT num, id, person_num, image_sha256, image, model, quality_score, vector, job_id, owner_seq, superseded_by
            FROM face WHERE person_num IN @nums AND (state = 0 OR superseded_by IN @jobs) ORDER BY num
            """,
            new { nums = persons.Keys, jobs = group.Select(item => item.JobId).Distinct() },
            tx);
        foreach (var reference in references)
        {
            reference.StoodBefore = reference.Stands;
            persons[reference.PersonNum].References.Add(reference);
        }
    }

    private async Task ReadImagesAsync(DbTransaction tx, List<ClaimedItem> group)
    {
        var rows = await tx.Connection!.QueryAsync<(string JobId, string ExternalId, string Sha256)>(
            "SELECT job_id, external_id, image_sha256 FROM job_item WHERE job_id IN @jobs AND external_id IN @externalIds",
            new { jobs = group.Select(item => item.JobId).Distinct(), externalIds = group.Select(item => item.ExternalId).Distinct() },
            tx);
        var collections = group.DistinctBy(item => item.JobId).ToDictionary(item => item.JobId, item => item.CollectionId, StringComparer.Ordinal);
        foreach (var row in rows)
            if (_persons.TryGetValue((collections[row.JobId], row.ExternalId), out var person)) person.Images.Add((row.JobId, row.Sha256));
    }

    /// <summary>
    /// Writes what changed. Each reference that search must hear of gets the collection's next change number. Returns the images of the
    /// references that are gone.
    /// </summary>
    public async Task<IReadOnlyList<string>> WriteAsync(DbTransaction tx, long now)
    {
        var images = new List<string>();
        foreach (var collection in _persons.GroupBy(person => person.Key.Collection).OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            var people = collection.Select(person => person.Value.References).ToList();
            var changed = people.SelectMany(references => references).Where(reference => reference.Changed).ToList();
            if (changed.Count == 0) continue;

            var number = await NumberAsync(tx, collection.Key, people);
            foreach (var reference in changed)
            {
                if (reference.ChangedForSearch) number++;
                if (reference.SupersededBy is not null && _singles.Contains(reference.SupersededBy))
                {
                    await DeleteAsync(tx, reference, collection.Key, number, now);
                    if (reference.Image is { } image) images.Add(image);
                }
                else if (reference.Source is null) await UpdateAsync(tx, reference, reference.ChangedForSearch ? number : null);
                else await InsertAsync(tx, reference, reference.Source, number, now);
            }
        }

        return images;
    }

    /// <summary>Who was looked for and has no reference leaves no external id behind.</summary>
    public Task ForgetStrangersAsync(DbTransaction tx) => tx.Connection!.ExecuteAsync(
        "DELETE FROM person WHERE num IN @nums AND NOT EXISTS (SELECT 1 FROM face WHERE person_num = person.num)",
        new { nums = _persons.Values.Select(person => person.Num) },
        tx);

    /// <summary>
    /// Takes as many change numbers as are needed and keeps the counts; returns the number before the first. Whoever got past all other
    /// checks stops here: a deleted collection takes no reference.
    /// </summary>
    private static async Task<long> NumberAsync(DbTransaction tx, string collectionId, List<List<Reference>> people)
    {
        var numbers = people.Sum(references => references.Count(r => r.ChangedForSearch));
        return await tx.Connection!.ExecuteScalarAsync<long?>(
            """
            UPDATE collection SET change_seq = change_seq + @numbers, face_count = face_count + @faces, person_count = person_count + @persons
            WHERE id = @collectionId AND deleted_at IS NULL RETURNING change_seq - @numbers
            """,
            new
            {
                collectionId,
                numbers,
                faces = people.Sum(references => references.Sum(r => (r.Stands ? 1 : 0) - (r.StoodBefore ? 1 : 0))),
                persons = people.Sum(references => (references.Exists(r => r.Stands) ? 1 : 0) - (references.Exists(r => r.StoodBefore) ? 1 : 0)),
            },
            tx) ?? throw new CollectionGoneException();
    }

    private static Reference Imagined(Person person, ClaimedItem item, string sha256, double quality) => new()
    {
        Id = "",
        PersonNum = person.Num,
        ImageSha256 = sha256,
        Model = item.CollectionModel,
        QualityScore = quality,
        Vector = [], // a job's own references are compared with nothing
        JobId = item.JobId,
        OwnerSeq = item.AcceptSeq,
    };

    private static Task UpdateAsync(DbTransaction tx, Reference reference, long? number) => tx.Connection!.ExecuteAsync(
        """
        UPDATE face SET owner_seq = @OwnerSeq, superseded_by = @SupersededBy, state = @state, change_seq = COALESCE(@number, change_seq)
        WHERE num = @Num
        """,
        new { reference.Num, reference.OwnerSeq, reference.SupersededBy, state = reference.Stands ? 0 : 1, number },
        tx);

    /// <summary>What a single enrolment replaces is gone: there is no job that could restore it.</summary>
    private static Task DeleteAsync(DbTransaction tx, Reference reference, string collectionId, long number, long now) => tx.Connection!.ExecuteAsync(
        """
        DELETE FROM face WHERE num = @Num;
        INSERT INTO face_tombstone (collection_id, change_seq, face_num, created_at) VALUES (@collectionId, @number, @Num, @now);
        """,
        new { reference.Num, collectionId, number, now },
        tx);

    private static Task InsertAsync(DbTransaction tx, Reference reference, Enrolled source, long number, long now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO face (id, organization_id, collection_id, person_num, external_id, metadata, quality_score, box_x, box_y, box_width,
          box_height, image_sha256, image, image_bytes, model, vector, job_id, item_index, source_item_id, owner_seq, state, superseded_by,
          change_seq, created_at)
        VALUES (@Id, @OrganizationId, @CollectionId, @PersonNum, @ExternalId, @Metadata, @QualityScore, @X, @Y, @Width,
          @Height, @ImageSha256, @image, @imageBytes, @Model, @Vector, @JobId, @ItemIndex, @ItemId, @OwnerSeq, @state, @SupersededBy,
          @number, @now)
        """,
        new
        {
            reference.Id,
            source.Item.OrganizationId,
            source.Item.CollectionId,
            reference.PersonNum,
            source.Item.ExternalId,
            source.Item.Metadata,
            reference.QualityScore,
            source.Result.Box.X,
            source.Result.Box.Y,
            source.Result.Box.Width,
            source.Result.Box.Height,
            reference.ImageSha256,
            image = source.KeptImage,
            imageBytes = source.KeptImage is null ? 0 : source.Item.BlobBytes,
            reference.Model,
            reference.Vector,
            JobId = source.Item.IsSingle ? null : source.Item.JobId,
            ItemIndex = source.Item.IsSingle ? (int?)null : source.Item.ItemIndex,
            ItemId = source.Item.IsSingle ? null : source.Item.ItemId,
            reference.OwnerSeq,
            state = reference.Stands ? 0 : 1,
            reference.SupersededBy,
            number,
            now,
        },
        tx);
}
