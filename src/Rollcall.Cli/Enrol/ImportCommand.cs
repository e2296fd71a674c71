using System.CommandLine;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Enrol;

/// <summary>People from another product: its list of faces, and their photographs as far as they are at hand.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string> Product = new("product") { Description = "compreface or rekognition." };
    private static readonly Argument<string> List = new("list") { Description = "The other product's answer to 'list faces', as JSON; pages one after the other." };

    private static readonly Option<string> Images = new("--images")
    {
        Description = "The folder with the photographs, each called by the id that the other product has for it.",
        HelpName = "FOLDER",
        Required = true,
    };

    public static Command Create()
    {
        Product.AcceptOnlyFromAmong("compreface", "rekognition");
        return Invocation.Create(
            "import",
            "Enrol people from another product's list of faces; its ids are kept as metadata.",
            RunAsync,
            [Product, List, Images, CollectionChoice.Option, .. GateOptions.All, .. RunOptions.All]);
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var (list, images) = (Path.GetFullPath(invocation.Get(List)), Path.GetFullPath(invocation.Get(Images)));
        if (!File.Exists(list)) throw CommandException.Usage($"There is no file '{list}'.");
        if (!Directory.Exists(images)) throw CommandException.Usage($"There is no folder '{images}'.");
        using PhotographSource source = invocation.Get(Product) == "compreface" ? new CompreFaceExport(list, images) : new RekognitionExport(list, images);
        return await Enrolment.RunAsync(invocation, [source], images, isChosen: true, GateOptions.Read(invocation));
    }
}
