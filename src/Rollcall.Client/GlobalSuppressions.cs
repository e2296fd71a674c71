using System.Diagnostics.CodeAnalysis;

[assembly: SuppressMessage("Naming", "CA1711", Scope = "type", Target = "~T:Rollcall.Client.Contracts.Collection",
    Justification = "The word of the contract; it is a set of faces and no list.")]
[assembly: SuppressMessage("Naming", "CA1711", Scope = "type", Target = "~T:Rollcall.Client.Contracts.CreateCollection",
    Justification = "The word of the contract; it is a set of faces and no list.")]
[assembly: SuppressMessage("Naming", "CA1716", Scope = "type", Target = "~T:Rollcall.Client.Contracts.Me",
    Justification = "Named after its route, /me; Visual Basic can escape it.")]
