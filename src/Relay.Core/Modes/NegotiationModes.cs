using Relay.Core.Admission;
using Relay.Core.Directory;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Modes;

/// <summary>
/// Modes of negotiations that operators have put in force: kept in the ledger's head, so that every commit of every worker heeds the
/// newest. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Two may restrict a negotiation, whoever writes its document and an operator, and the stricter holds. The document's mode is looked at
/// when an envelope is examined, the operator's when it is decided: there it is exact, since the decision is made on the head it swaps.
/// </remarks>
public sealed class NegotiationModes
{
    private readonly NegotiationDirectory _directory;
    private readonly LedgerReader _ledger;
    private readonly NegotiationLedgers _ledgers;

    // Only how soon a submission over HTTP is told; what goes on the queue meanwhile waits there, or is refused there.
    private readonly RecentHeads _recent;

    internal NegotiationModes(NegotiationDirectory directory, LedgerReader ledger, NegotiationLedgers ledgers, RecentHeads recent)
    {
        _directory = directory;
        _ledger = ledger;
        _ledgers = ledgers;
        _recent = recent;
    }

    /// <summary>The mode by the newest head.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<ModeOutcome> FindAsync(string negotiation, CancellationToken cancellationToken)
    {
        var (document, failed) = await DocumentAsync(negotiation, cancellationToken).ConfigureAwait(false);
        if (document is null) return failed!;
        var head = await _ledger.StateAsync(negotiation, cancellationToken).ConfigureAwait(false);
        return head.Status switch
        {
            LedgerReadStatus.Found => new(ModeVerdict.Unchanged, new(head.Value!.Mode, document.Mode), null, ""),
            LedgerReadStatus.Absent => new(ModeVerdict.Unchanged, new(NegotiationMode.Open, document.Mode), null, ""),
            LedgerReadStatus.Unavailable => ModeOutcome.Failed(ModeVerdict.LedgerUnavailable, head.Problem),
            LedgerReadStatus.Damaged => ModeOutcome.Failed(ModeVerdict.LedgerDamaged, head.Problem),
        };
    }

    /// <summary>Puts a mode in force, with an entry of the ledger and a signal; nothing where it is in force already.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="cancellationToken">Ends the wait; the mode may then be in force or not.</param>
    public async ValueTask<ModeOutcome> SetAsync(string negotiation, NegotiationMode mode, CancellationToken cancellationToken)
    {
        var (document, failed) = await DocumentAsync(negotiation, cancellationToken).ConfigureAwait(false);
        if (document is null) return failed!;
        var ruling = await _ledgers.SetModeAsync(negotiation, ModeCandidate.Of(mode, document), cancellationToken).ConfigureAwait(false);
        return ruling.Verdict is ModeVerdict.Changed or ModeVerdict.Unchanged
            ? new(ruling.Verdict, new(mode, document.Mode), ruling.Index < 0 ? null : ruling.Index, "")
            : ModeOutcome.Failed(ruling.Verdict, ruling.Detail);
    }

    /// <summary>May a negotiation take an envelope over HTTP now, by an operator's mode as it was a second ago at most?</summary>
    /// <returns>Null when it may, or when that cannot be said now: the decision says it.</returns>
    internal async ValueTask<Ruling?> CheckAsync(string negotiation, CancellationToken cancellationToken)
    {
        var head = await _recent.FindAsync(negotiation, cancellationToken).ConfigureAwait(false);
        return head is null ? null : AdmissionRules.CheckMode(head.State.Mode, negotiation);
    }

    private async ValueTask<(NegotiationDocument? Document, ModeOutcome? Failed)> DocumentAsync(
        string negotiation, CancellationToken cancellationToken)
    {
        var entry = await _directory.FindAsync(negotiation, DirectoryShare.Caller, cancellationToken).ConfigureAwait(false);
        if (entry?.Document is { } document) return (document, null);
        return entry is null or { Problem: not null }
            ? (null, ModeOutcome.Failed(
                ModeVerdict.DirectoryUnavailable, "expected the directory's document of the negotiation, it cannot be read now"))
            : (null, ModeOutcome.Failed(
                ModeVerdict.UnknownNegotiation, "expected a negotiation that the directory has a document of, got another name"));
    }
}
