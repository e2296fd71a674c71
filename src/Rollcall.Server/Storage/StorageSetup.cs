using Dapper;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        builder.AddCheckedOptions<StorageOptions>("Storage");
        builder.Services.AddSingleton<DataFolder>();
        builder.Services.AddSingleton(services => new SqliteDataSource(services.GetRequiredService<DataFolder>().Database));
        builder.Services.AddSingleton(services => new Database(services.GetRequiredService<SqliteDataSource>(), SqlDialect.Sqlite));
        builder.Services.AddHostedService<ScrubRetry>();
        builder.Services.AddSingleton<BlobKeys>();
        builder.Services.AddSingleton<BlobKeyBook>();
        builder.Services.AddSingleton<FileBlobStore>();
        builder.Services.AddSingleton<DiskSpace>();
        builder.Services.AddSingleton<StorageQuota>();
    }
}
