using Rollcall.Benchmarks;

// dotnet run -c Release --project bench/Rollcall.Benchmarks -- <command> [arguments]
(string Name, string What, Func<string[], int> Run)[] commands =
[
    ("lfw-pairs", "accuracy over the 6,000 pairs of LFW, 10 folds, and TAR at FAR 1e-3 [--pack ID] [--largest]", LfwPairsCommand.Run),
    ("calibrate", "false match rates and the scale of the quality score from LFW, for the manifest [--pack ID] [--held-out] [--closest] [--every N: a first look at each N-th image]", CalibrateCommand.Run),
    ("evaluate", "whether a small pack does what it has to: folds 1 to 3 of LFW, groups, no faces, speed against standard [--pack ID] [--from DIR] [--threshold X]", EvaluateCommand.Run),
    ("seal", "puts the built-in pack's files in their place, measures them and writes their hashes and figures into the source: DIR [--threshold X]", SealCommand.Run),
    ("identity-guard", "what the default identity guard refuses of LFW's 6,000 pairs, standard and retail [--pack ID]", IdentityGuardCommand.Run),
    ("liveness", "what the liveness check says of LFW's photographs and of samples/spoof, and what it costs, standard and retail [--pack ID] [--every N]", LivenessCommand.Run),
    ("codec", "decoding a JPEG with SkiaSharp, NetVips and OpenCvSharp, whole and at half scale", CodecCommand.Run),
    ("sessions", "inferences a second for layouts of sessions and threads", SessionsCommand.Run),
    ("stages", "what each stage of an analysis costs", StagesCommand.Run),
    ("search", "an exact search over 100,000 and a million faces", SearchCommand.Run),
    ("audit", "what the audit log costs a job's commits, an identification and the disk, and how fast a log is verified", AuditCommand.Run),
    ("samples", "what comes of each photograph under samples/", SamplesCommand.Run),
    ("draws", "ten fixed draws of 100 people and 100 strangers through a real server [number]", DrawsCommand.Run),
    ("kills", "SIGKILL at random moments, and what is left of the promises [kills] [seed]", KillsCommand.Run),
    ("model", "schedules of all that can happen to jobs, in turn and at once, against a model [--minutes N] [--seed N: that one again]", ModelCommand.Run),
    ("chaos", "kills, pauses, a full disk, a read-only folder and a clock that jumps, under load, and what is left of the promises [--minutes N] [--seed N]", ChaosCommand.Run),
    ("images", "mutated photographs through decoding and detection in child processes with limits [--first N] [--count N] [--seed N] [--pack ID] [--only N --save FILE]", ImagesCommand.Run),
    ("requests", "requests that a broken or hostile program would send: forms, cursors, tokens, JSON, over bare sockets [--count N] [--seed N]", RequestsCommand.Run),
    ("enrol", "`rollcall enrol` on all of LFW, ended by Ctrl-C, SIGKILL and a restart of the server, and whether everybody is enrolled once [--people DIR]", EnrolCommand.Run),
    ("sync", "`rollcall sync --plan` on 50,000 files and 100,000 references: time and memory [files]", SyncCommand.Run),
    ("memory", "the server's largest resident set while 20 clients upload 100 photographs of 2 MB each [clients] [photographs]", MemoryCommand.Run),
];

var command = commands.FirstOrDefault(command => command.Name == args.FirstOrDefault());
if (command.Run is not null)
    return command.Run(args[1..]);
foreach (var (name, what, _) in commands)
    Console.WriteLine($"{name,-14} {what}");
return 1;
