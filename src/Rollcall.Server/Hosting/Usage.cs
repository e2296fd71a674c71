namespace Rollcall.Server.Hosting;

internal static class Usage
{
    public static int Print()
    {
        Console.WriteLine(
            """
            ./run [--urls http://127.0.0.1:8080] [--data DIR] [--Section:Key=value …]
            ./run models list|pull|check [PACK]   the model files; 'models --help' says more
            ./run storage rotate                  brings stored images under the active key; 'storage --help' says more
            ./run audit verify                    the audit log's chains; 'audit --help' says more

            Where it is published, 'dotnet Rollcall.Server.dll' instead of './run'.

              --urls ADDRESSES      where it listens; several are separated by ';'
              --data DIR            the folder of database, uploads, model cache and secrets (default: data/ beside ./run; published: data/ here)
              --Models:Mirror=DIR   a folder of model packs, for machines without the public network
              --Models:AllowBuiltIn=true   without model files the built-in pack runs, for trying out (./run allows it by itself)
              --Section:Key=value   any other setting; as an environment variable: Rollcall__Section__Key=value

            The settings are listed in docs/operating.md.
            """);
        return 0;
    }
}
