using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Model;

/// <summary>A picture as the model sees it: nothing but what the rules look at.</summary>
internal sealed record ModelPicture(int Number, int Who, double Quality, bool HasFace = true)
{
    /// <summary>Few, so that they come again; most of them of one identity, two of another, one without a face.</summary>
    public static IReadOnlyList<ModelPicture> All { get; } =
    [
        new(0, Who: 0, 0.5), new(1, Who: 0, 0.7), new(2, Who: 0, 0.7), new(3, Who: 0, 0.9), new(4, Who: 0, 0.6), new(5, Who: 0, 0.8),
        new(6, Who: 1, 0.75), new(7, Who: 1, 0.95), new(8, Who: 0, 0, HasFace: false), new(9, Who: 0, 0.45),
    ];

    public string Sha256 => $"{Number:x64}";

    public static ModelPicture Of(string sha256) => All[Convert.ToInt32(sha256, 16)];
}

internal sealed record ModelGates(OnDuplicate Mode, bool AllowIdentityChange, double MinQuality, bool KeepImages);

internal sealed record ModelCollection(string Organization, string Id)
{
    /// <summary>How many jobs and single enrolments it has accepted.</summary>
    public long Accepted { get; set; }

    public PersonModel People { get; } = new();
}

/// <summary>A job, or an enrolment of its own, which has one item and nothing that could be undone.</summary>
internal sealed class ModelJob(ModelCollection collection, string id, ModelGates gates, long created, bool isSingle = false)
{
    public ModelCollection Collection { get; } = collection;

    public string Id => id;

    public ModelGates Gates => gates;

    public long Created => created;

    public bool IsSingle => isSingle;

    /// <summary>Its place in the collection's order.</summary>
    public long Accepted { get; } = ++collection.Accepted;

    public List<ModelItem> Items { get; } = [];

    public ModelJob? Parent { get; init; }

    public long? Started { get; set; }

    public long? Completed { get; set; }

    public long? Cancelled { get; set; }

    public long? UndoneAt { get; set; }

    /// <summary>Why it could not be started.</summary>
    public string? FailedWith { get; set; }

    /// <summary>What undoing it came to, once it is undone.</summary>
    public (int Restored, int Removed, string Left)? Undone { get; set; }

    public string Status => FailedWith is not null ? "failed" : Completed is not null ? "done" : Started is not null ? "processing" : "queued";
}

internal sealed record ModelItem(ModelJob Job, int Index, ModelPicture Picture)
{
    public string Id { get; } = $"{Job.Id}/{Index:D3}";

    /// <summary>Null once the person is erased.</summary>
    public string? Person { get; set; }

    /// <summary>The upload that it owns.</summary>
    public string? Blob { get; set; }

    /// <summary>Null once it has ended.</summary>
    public ModelWork? Work { get; set; }

    public ModelEnd? End { get; set; }

    /// <summary>The newest fence that anybody was given.</summary>
    public long Fence { get; set; }
}

/// <summary>An item that is not at its end.</summary>
internal sealed class ModelWork(long tag)
{
    public long Tag => tag;

    public bool Decode { get; init; }

    public bool Suspect { get; set; }

    public bool Begun { get; set; }

    public int Crashes { get; set; }

    public long ReadyAt { get; set; }

    public ModelLease? Lease { get; set; }
}

internal sealed record ModelLease(string Worker, long Deadline)
{
    public long Until { get; set; }

    public long Fence { get; set; } = -1;
}

/// <summary>How an item ends: its outcome or its error code, and the references that it may name, if any.</summary>
internal sealed record ModelEnd(string Outcome, IReadOnlyList<ModelReference> Faces)
{
    public bool Succeeded => Faces.Count > 0;

    /// <summary>The best quality that was to be bettered.</summary>
    public double? Existing { get; init; }

    public ModelReference? Made { get; init; }

    public static ModelEnd Failed(string code) => new(code, []);
}
