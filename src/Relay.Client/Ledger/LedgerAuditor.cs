using System.Collections.Immutable;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>
/// Audits a ledger for one delegation: reads all of it, holds it against everything the
/// relay has signed before, and compares what is addressed to the delegation with what has
/// arrived. Believes the log nothing that does not hash to a signed root.
/// </summary>
/// <param name="trust">Verifies what the relay signs.</param>
/// <param name="view">Checkpoints seen before; the audited one is added.</param>
/// <param name="log">The relay's log.</param>
/// <param name="judge">Judges the signatures of every entry.</param>
/// <param name="delegation">Whose envelopes must have arrived; null audits the ledger alone.</param>
/// <param name="grace">An entry younger than this that has not arrived is under way, not missing.</param>
/// <param name="patience">How long to wait for the log to show what the relay has signed
/// already: a receipt may be a moment ahead of the published checkpoint.</param>
/// <param name="time">The clock.</param>
public sealed class LedgerAuditor(
    LedgerTrust trust,
    LedgerView view,
    ILedgerLog log,
    EntryJudge judge,
    string? delegation,
    TimeSpan grace,
    TimeSpan patience,
    TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs the audit. Bad input is a finding, never an exception.</summary>
    /// <param name="arrivals">What has arrived, in any order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AuditReport> RunAsync(IReadOnlyCollection<ArrivalRecord> arrivals, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arrivals);
        var run = new AuditRun(this, arrivals, new PolicyInForce(judge));
        try
        {
            await run.AuditAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerLogException e)
        {
            run.Add(e.IsNotNow ? AuditKind.LogNotAnswering : AuditKind.LogWithheld, e.Message);
        }
        return run.Report();
    }

    internal LedgerTrust Trust => trust;

    internal ILedgerLog Log => log;

    internal LedgerView View => view;

    internal EntryJudge Judge => judge;

    internal string? Delegation => delegation;

    internal TimeSpan Grace => grace;

    internal TimeProvider Time => time;

    /// <summary>The newest checkpoint that the relay signed; null where there is none, which is told to <paramref name="run"/>.</summary>
    internal async Task<SignedCheckpoint?> FindCheckpointAsync(AuditRun run, CancellationToken cancellationToken)
    {
        var largest = view.Newest?.Size ?? 0;
        var found = await AskAsync(patience > TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        for (var left = patience; left > TimeSpan.Zero && (found?.Checkpoint.Size ?? 0) < largest; left -= Pause)
        {
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            found = await AskAsync(left > Pause, cancellationToken).ConfigureAwait(false);
        }
        if (found is not { } signed)
        {
            // A ledger that nothing was ever signed for may be empty.
            if (!view.Checkpoints.IsEmpty)
            {
                run.Add(AuditKind.LogWithheld, "expected the newest checkpoint of a ledger that has had some, got none");
            }
            return null;
        }
        var check = await trust.CheckAsync(signed, cancellationToken).ConfigureAwait(false);
        if (check.Holds) return signed;
        // Whoever else has had the key may have signed it: that the relay did not is as little proved as that it did.
        var kind = check.Fault == ReceiptFault.CompromisedVaultKey ? AuditKind.NotProved : AuditKind.CheckpointNotSigned;
        run.Add(check.KeyUnavailable ? AuditKind.LogNotAnswering : kind, check.Detail);
        return null;
    }

    // While there is patience left, "not now" is waited for too.
    private async Task<SignedCheckpoint?> AskAsync(bool isPatient, CancellationToken cancellationToken)
    {
        try
        {
            return await log.FindCheckpointAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerLogException e) when (e.IsNotNow && isPatient)
        {
            return null;
        }
    }

    /// <summary>The checkpoints known before this one, which is then known too.</summary>
    internal ImmutableArray<SignedCheckpoint> ViewBefore(AuditRun run, SignedCheckpoint signed)
    {
        var known = view.Checkpoints;
        var largest = known.IsEmpty ? 0 : known.Max(other => other.Checkpoint.Size);
        if (largest > signed.Checkpoint.Size)
        {
            run.Add(
                AuditKind.RolledBack,
                $"expected a tree of at least {largest} entries, which the relay has signed, the log shows {signed.Checkpoint.Size}",
                evidence: AuditProofs.Rollback(known, signed));
        }
        view.Observe(signed, out _);
        return known;
    }
}
