using System.Diagnostics.Tracing;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Runtime;

namespace Rollcall.Server.Tests;

/// <summary>What another process of .NET holds in memory after it has collected its garbage: the text and the arrays of numbers of every object that is left.</summary>
internal static class LiveHeap
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long CollectNow = 0x800000; // GCHeapCollect: the runtime collects everything when somebody begins to listen with it

    /// <summary>Of each trace the objects that hold it, with what holds them.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> SearchAsync(int process, IReadOnlyDictionary<string, byte[]> traces)
    {
        for (var i = 0; i < 2; i++) await CollectAsync(process); // what has a finalizer goes with the second
        using var folder = new TestFolder();
        var dump = Path.Combine(folder.Path, "heap");
        await new DiagnosticsClient(process).WriteDumpAsync(DumpType.WithHeap, dump, logDumpGeneration: false, CancellationToken.None);
        return await Task.Run(() => Search(dump, traces));
    }

    private static async Task CollectAsync(int process)
    {
        var client = new DiagnosticsClient(process);
        using var session = client.StartEventPipeSession([new EventPipeProvider(Runtime, EventLevel.Informational, CollectNow)], requestRundown: false);
        var reading = session.EventStream.CopyToAsync(Stream.Null);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        await session.StopAsync(CancellationToken.None);
        await reading;
    }

    // In a dump that the process writes of itself. Attached to it while it ran, the walk hung now and then: it waited for a thread that never stopped.
    private static Dictionary<string, IReadOnlyList<string>> Search(string dump, IReadOnlyDictionary<string, byte[]> traces)
    {
        using var target = DataTarget.LoadDump(dump);
        var version = target.ClrVersions.Single();
        Keep(version);
        using var runtime = version.CreateRuntime();
        Assert.True(runtime.Heap.CanWalkHeap);
        var found = traces.Keys.ToDictionary(name => name, _ => new List<(ClrObject Object, string Around)>());
        var buffer = Array.Empty<byte>();
        foreach (var held in runtime.Heap.EnumerateObjects())
        {
            if (held.IsFree || held.Type is not { } type || !(type.IsString || (type.IsArray && type.ComponentType?.IsPrimitive == true))) continue;
            var size = (int)held.Size;
            if (buffer.Length < size) buffer = new byte[size * 2];
            var read = target.DataReader.Read(held.Address, buffer.AsSpan(0, size));
            foreach (var (name, trace) in traces)
                if (buffer.AsSpan(0, read).IndexOf(trace) is >= 0 and var at) found[name].Add((held, Around(buffer.AsSpan(0, read), at)));
        }

        return found.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. pair.Value.Take(5).Select(
            held => $"{held.Object.Type!.Name} of {held.Object.Size} bytes, at «{held.Around}», held by {HoldersOf(runtime.Heap, held.Object)}")]);
    }

    /// <summary>
    /// The library that reads the other runtime leaves something behind on each thread that used it, to be run when the thread ends: unloaded by
    /// then, it took the whole process along (segmentation fault). It stays for good.
    /// </summary>
    private static void Keep(ClrInfo version)
    {
        if (OperatingSystem.IsLinux()) NativeLibrary.Load(Path.Combine(Path.GetDirectoryName(version.ModuleInfo.FileName)!, "libmscordaccore.so"));
    }

    private static string Around(ReadOnlySpan<byte> bytes, int at)
    {
        var some = bytes[Math.Max(0, at - 100)..at];
        return string.Concat(some.ToArray().Select(b => b is >= 32 and < 127 ? (char)b : '.'));
    }

    private static string HoldersOf(ClrHeap heap, ClrObject held)
    {
        var path = new GCRoot(heap, [held.Address]).EnumerateRootPaths(CancellationToken.None).FirstOrDefault();
        if (path.Root is null) return "nothing that is known";
        var holders = new List<string> { path.Root.RootKind.ToString() };
        for (var link = path.Path; link is not null; link = link.Next) holders.Add(heap.GetObject(link.Object).Type?.Name ?? "?");
        return string.Join(" > ", holders.Take(1).Concat(holders.Skip(1).TakeLast(8)));
    }
}
