using System.Globalization;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    private static readonly TimeSpan LongestVerification = TimeSpan.FromMinutes(10);

    /// <summary>A page of an organization's audit log, newest first.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="filter">Which entries; null for all.</param>
    /// <param name="limit">Entries on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="AuditEntryList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>, <see cref="ErrorCodes.InvalidRequest"/>.
    /// </exception>
    public Task<AuditEntryList> ListAuditLogAsync(
        string organizationId, AuditLogFilter? filter = null, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(AuditLog(organizationId, filter, limit, cursor), Json.ApiResponseAuditEntryList, cancellationToken);

    /// <summary>An organization's audit log, newest first, asked for page by page as it is read.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="filter">Which entries; null for all.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="RollcallException">While it is read: as with <see cref="ListAuditLogAsync"/>.</exception>
    public IAsyncEnumerable<AuditEntry> EnumerateAuditLogAsync(
        string organizationId, AuditLogFilter? filter = null, CancellationToken cancellationToken = default) => PagesAsync(
        cursor => AuditLog(organizationId, filter, WholePage, cursor),
        Json.ApiResponseAuditEntryList,
        page => (page.Entries, page.NextCursor),
        cancellationToken);

    /// <summary>Goes through an organization's whole audit log, at the server, and tells whether each entry is the one that was written.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="head">A head that was kept: the log must still have that entry; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>.</exception>
    public Task<AuditLogVerification> VerifyAuditLogAsync(string organizationId, AuditLogHead? head = null, CancellationToken cancellationToken = default) =>
        ReadAsync(
            Request(HttpMethod.Get, $"{AuditLog(organizationId)}/verify{new Query().Add("head", head?.ToString())}", repeatable: true, heldFor: LongestVerification),
            Json.ApiResponseAuditLogVerification,
            cancellationToken);

    /// <summary>Writes an organization's audit log to a stream as it comes: a line of JSON for each entry, the oldest first.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="destination">Where to; it stays open. What was written before a failure is whole lines and part of one.</param>
    /// <param name="from">The number of the entry to begin with.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>.</exception>
    public async Task ExportAuditLogAsync(string organizationId, Stream destination, long from = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        var route = $"{AuditLog(organizationId)}/export{new Query().Add("from", from == 1 ? null : from.ToString(CultureInfo.InvariantCulture))}";
        using var request = Request(HttpMethod.Get, route, repeatable: true);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    private static string AuditLog(string organizationId, AuditLogFilter? filter, int? limit, string? cursor) => AuditLog(organizationId) + new Query()
        .Add("action", filter?.Action)
        .Add("actor", filter?.Actor)
        .Add("target", filter?.Target)
        .Add("external_id", filter?.ExternalId)
        .Add("after", filter?.After)
        .Add("before", filter?.Before)
        .Page(limit, cursor);

    private static string AuditLog(string organizationId) => $"organizations/{Segment(organizationId, nameof(organizationId))}/audit-log";
}
