using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// What one commit takes on: envelopes, acknowledgements, prekeys, changes of mode and visits, each of which is answered exactly once, and
/// marks of forwarded entries.
/// </summary>
internal sealed class CommitGroup
{
    public List<WaitingEnvelope> Envelopes { get; } = [];

    public List<WaitingAcknowledgement> Acknowledgements { get; } = [];

    public List<WaitingPrekeys> Prekeys { get; } = [];

    public List<WaitingMode> Modes { get; } = [];

    public HashSet<long> Marks { get; set; } = [];

    public List<TaskCompletionSource<bool>> Visits { get; set; } = [];

    public IReadOnlyList<Candidate> Candidates => [.. Envelopes.Select(waiting => waiting.Candidate)];

    public IReadOnlyList<AcknowledgementCandidate> AcknowledgementCandidates => [.. Acknowledgements.Select(waiting => waiting.Candidate)];

    public IReadOnlyList<PrekeyCandidate> PrekeyCandidates => [.. Prekeys.Select(waiting => waiting.Candidate)];

    public IReadOnlyList<ModeCandidate> ModeCandidates => [.. Modes.Select(waiting => waiting.Candidate)];

    /// <summary>True once every waiter has its answer on the way.</summary>
    public bool IsAnswered { get; set; }
}

/// <summary>An envelope whose invocation waits for the commit.</summary>
/// <param name="Candidate">The envelope.</param>
/// <param name="Outcome">Completed on the ledger's scheduler, never inside the commit.</param>
internal sealed record WaitingEnvelope(Candidate Candidate, TaskCompletionSource<CommitOutcome> Outcome);

/// <summary>An acknowledgement whose caller waits for the commit.</summary>
/// <param name="Candidate">The acknowledgement.</param>
/// <param name="Outcome">Completed on the ledger's scheduler, never inside the commit.</param>
internal sealed record WaitingAcknowledgement(AcknowledgementCandidate Candidate, TaskCompletionSource<AcknowledgementOutcome> Outcome);

/// <summary>A bundle or claim whose caller waits for the commit.</summary>
/// <param name="Candidate">The bundle or claim.</param>
/// <param name="Outcome">Completed on the ledger's scheduler, never inside the commit.</param>
internal sealed record WaitingPrekeys(PrekeyCandidate Candidate, TaskCompletionSource<PrekeyOutcome> Outcome);

/// <summary>A change of mode whose operator waits for the commit.</summary>
/// <param name="Candidate">The change.</param>
/// <param name="Outcome">Completed on the ledger's scheduler, never inside the commit.</param>
internal sealed record WaitingMode(ModeCandidate Candidate, TaskCompletionSource<ModeRuling> Outcome);
