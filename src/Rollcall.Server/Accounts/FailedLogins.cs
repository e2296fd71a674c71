using Rollcall.Server.Audit;

namespace Rollcall.Server.Accounts;

/// <summary>Failed logins of accounts that there are, for the audit log; written a moment later, so that the answer takes as long as any other.</summary>
internal sealed partial class FailedLogins(AuditTrail audit, AuditCommits commits, ILogger<FailedLogins> logger)
{
    public void Note(string? accountId)
    {
        var act = audit.Act(AuditActions.LoginFailed);
        if (accountId is not null && !commits.TryPostpone(accountId, act)) LogLost();
    }

    [LoggerMessage(2903, LogLevel.Warning, "A failed login is not in the audit log: too many wait to be written.")]
    private partial void LogLost();
}
