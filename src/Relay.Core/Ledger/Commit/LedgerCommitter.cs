using System.Globalization;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>Commits groups to one ledger and publishes what it committed. Not for concurrent use.</summary>
/// <remarks>
/// A commit is durable with the swap: the new head names a staging blob that holds everything
/// else. Publishing it is idempotent, and the next swap, whoever makes it, comes
/// after it.
/// </remarks>
internal sealed class LedgerCommitter
{
    private readonly string _negotiation;
    private readonly LedgerServices _services;
    private readonly GroupAnswers _answers;
    private readonly ReleasePump _pump;
    private readonly DamageReports _damage;
    private readonly HeadKeeper _keeper;
    private readonly StateBlobs _blobs;
    private readonly FactReader _facts;
    private readonly LedgerPublisher _publisher;
    private readonly HeadSigner _signer;

    // Staged here for heads that may never come.
    private readonly List<(long Commit, string Name)> _orphans = [];
    private WorkingCopy? _copy;

    public LedgerCommitter(string negotiation, LedgerServices services, GroupAnswers answers, ReleasePump pump, DamageReports damage)
    {
        _negotiation = negotiation;
        _services = services;
        _answers = answers;
        _pump = pump;
        _damage = damage;
        var origin = $"{services.Options.RelayName}/{negotiation}";
        _keeper = new HeadKeeper(services.Store, services.Verifier, services.Seen, negotiation, origin);
        _blobs = new StateBlobs(services.Store, negotiation);
        _facts = new FactReader(services.Store, _blobs, negotiation);
        _publisher = new LedgerPublisher(services.Store, negotiation, services.Logger);
        _signer = new HeadSigner(origin);
    }

    /// <summary>True while a head is in memory: what is missing in the store may then only be superseded.</summary>
    public bool HasCopy => _copy is not null;

    /// <summary>Gives up what is in memory: the next attempt reads the head.</summary>
    public void Forget() => _copy = null;

    /// <summary>Decides on a group, commits what it changes, answers it.</summary>
    /// <exception cref="LedgerStoreException">Store or vault do not answer.</exception>
    /// <exception cref="LedgerDamagedException">What the decision needs is damaged,
    /// by the working copy or, where there was none, by the newest head.</exception>
    public async Task<Attempt> AttemptOnceAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        if (_copy is { } kept)
        {
            _copy = kept = await PublishAsync(kept, cancellationToken).ConfigureAwait(false);
            return await DecideAsync(group, kept, isFresh: false, cancellationToken).ConfigureAwait(false);
        }

        var head = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var copy = await OpenAsync(head, cancellationToken).ConfigureAwait(false);
            // A ledger that has not begun is looked for again each time: another worker may begin it.
            if (head is not null) _copy = copy;
            return await DecideAsync(group, copy, isFresh: true, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerDamagedException) when (head is not null && !group.IsAnswered)
        {
            if (!await HasMovedOnAsync(head, cancellationToken).ConfigureAwait(false)) throw;
            return GiveUp();
        }
    }

    /// <summary>Takes over releases that nobody forwards, and clears staging blobs away.</summary>
    /// <exception cref="LedgerStoreException">Not all of it can be done now.</exception>
    /// <exception cref="LedgerDamagedException">An entry that was released cannot be read.</exception>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        if (_copy is not { Head.Head: { } head } copy) return;
        foreach (var outstanding in head.State.Outstanding)
        {
            if (outstanding.Released is { } released && !_pump.Knows(outstanding.Index))
            {
                await TakeOverAsync(copy, outstanding.Index, released, cancellationToken).ConfigureAwait(false);
            }
        }

        await _publisher.CollectAsync(head, cancellationToken).ConfigureAwait(false);
    }

    // Everything that a commit of before has promised is in its place once it returns.
    private async Task<WorkingCopy> OpenAsync(HeadInHand? head, CancellationToken cancellationToken)
    {
        if (head?.Head.Staging is { } name)
        {
            var staged = await _publisher.ReadStagedAsync(name, cancellationToken).ConfigureAwait(false);
            await _publisher.PublishAsync(staged, head.Head, cancellationToken).ConfigureAwait(false);
        }

        var edge = await _blobs.ReadEdgeAsync(head?.Head.State ?? LedgerState.Empty, cancellationToken).ConfigureAwait(false);
        return new WorkingCopy(head, edge);
    }

    private async Task<WorkingCopy> PublishAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        if (copy.Unpublished is not { } staged) return copy;
        await _publisher.PublishAsync(staged, copy.Head!.Head, cancellationToken).ConfigureAwait(false);
        return copy with { Unpublished = null };
    }

    private async Task<Attempt> DecideAsync(CommitGroup group, WorkingCopy copy, bool isFresh, CancellationToken cancellationToken)
    {
        var (candidates, acknowledgements) = (group.Candidates, group.AcknowledgementCandidates);
        var facts = await _facts.ReadAsync(copy, candidates, acknowledgements, cancellationToken).ConfigureAwait(false);
        if (facts.Problems.Count > 0)
        {
            if (!isFresh || await HasMovedOnAsync(copy.Head, cancellationToken).ConfigureAwait(false)) return GiveUp();
            facts.Problems.ForEach(_damage.Add);
        }

        copy = copy with { Tails = facts.Tails };
        if (copy.Head is not null) _copy = copy;
        Decision Decide() => DecisionRules.Decide(
            _negotiation, copy.State, candidates, acknowledgements, facts, group.Forwarded, _services.Time.GetUtcNow(), isFresh);
        var decision = Decide();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        while (!decision.NeedsFreshHead && await _facts.ReadEvidenceAsync(facts, decision, asked, cancellationToken).ConfigureAwait(false))
        {
            decision = Decide();
        }

        if (decision.NeedsFreshHead) return GiveUp();
        if (decision.Changes) return await WriteAsync(group, copy, decision, facts, cancellationToken).ConfigureAwait(false);
        _answers.Complete(group, decision, new GroupReceipts(decision, facts, copy.Head?.Head, null, null));
        return Attempt.Done;
    }

    private async Task<Attempt> WriteAsync(
        CommitGroup group, WorkingCopy copy, Decision decision, GroupFacts facts, CancellationToken cancellationToken)
    {
        // What is dated ahead stays ahead: no later entry may be dated before it.
        if (_services.Clock?.Ahead is { } ahead && ahead > ServiceClock.MaxAhead)
        {
            throw new LedgerStoreException(
                $"expected this machine's clock within {ServiceClock.MaxAhead} of the services', it is {ahead:c} ahead: set it");
        }
        var old = copy.Head;
        var signer = await FindSignerAsync(decision.State.At, cancellationToken).ConfigureAwait(false);
        var isNewKey = old is null || !old.Head.Certificate.Bytes.SequenceEqual(signer.Certificate.Bytes);
        var certificate = isNewKey
            ? new StagedBlob(LedgerPaths.Certificate(_negotiation, _signer.KeyOf(signer).KeyId), signer.Certificate.Bytes.ToArray())
            : null;
        var written = CommitWriter.Write(_negotiation, copy, decision, certificate);
        var stagingName = await StageAsync(written.Staged, cancellationToken).ConfigureAwait(false);
        var (head, note) = await _signer.SignAsync(signer, written.State, stagingName, cancellationToken).ConfigureAwait(false);
        if (old is null) await _publisher.RegisterNegotiationAsync(cancellationToken).ConfigureAwait(false);
        if (await SwapAsync(old, head, note, cancellationToken).ConfigureAwait(false) is not { } swapped) return Attempt.Lost;

        if (old is null) LedgerLog.Begun(_services.Logger, _negotiation);
        _facts.Remember(head.State);
        var receipts = new GroupReceipts(decision, facts, old?.Head, head, written.Edge);
        _answers.Complete(group, decision, receipts);
        foreach (var release in decision.Releases)
        {
            _pump.Add(new LoggedEnvelope(release.Envelope.Head, release.Envelope.Wire, release.Index, receipts.Of(release.Index)()));
        }

        // Only now: the proofs of the new entries come from what trimming takes away.
        written.Edge.Trim();
        _copy = new WorkingCopy(swapped, written.Edge) { Tails = written.Tails, Unpublished = stagingName is null ? null : written.Staged };
        _services.Signals.Send(decision.Signals);
        await FinishAsync(_copy, old, cancellationToken).ConfigureAwait(false);
        return Attempt.Done;
    }

    private async Task<CheckpointSigner> FindSignerAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var signer = await _services.Keys.GetAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new LedgerStoreException("the vault does not certify a checkpoint key now");
        if (at <= signer.Certificate.ExpiresAt) return signer;
        throw new LedgerStoreException(string.Create(
            CultureInfo.InvariantCulture,
            $"expected a clock at {at:u} or later, as the ledger has it, got a checkpoint key until {signer.Certificate.ExpiresAt:u}"));
    }

    // Null when the head alone says everything.
    private async Task<string?> StageAsync(StagedCommit staged, CancellationToken cancellationToken)
    {
        if (staged.Puts.IsEmpty && staged.Deletes.IsEmpty) return null;
        var content = staged.ToBytes();
        var name = LedgerPaths.StagingName(staged.Commit, Digest.Of(content));
        _orphans.Add((staged.Commit, name));
        await _publisher.StageAsync(name, content, cancellationToken).ConfigureAwait(false);
        return name;
    }

    // Null when another head is there now.
    private async Task<HeadInHand?> SwapAsync(HeadInHand? old, LedgerHead head, SignedNote note, CancellationToken cancellationToken)
    {
        _copy = null;
        try
        {
            return await _keeper.SwapAsync(old, head, note, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerStoreException)
        {
            // Done, not done, or to be done later: the head tells. Later is fine too,
            // because the next attempt's swap and that one exclude each other.
            var there = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
            return there is not null && there.Bytes.Span.SequenceEqual(note.Bytes.Span) ? there : null;
        }
    }

    // What is not needed for the answer. Whatever fails here is done by the next commit, or by a visit.
    private async Task FinishAsync(WorkingCopy copy, HeadInHand? old, CancellationToken cancellationToken)
    {
        try
        {
            _copy = await PublishAsync(copy, cancellationToken).ConfigureAwait(false);
            var (commit, staging) = (copy.State.Commit, copy.Head!.Head.Staging);
            var garbage = _orphans.Where(orphan => orphan.Commit <= commit && orphan.Name != staging)
                .Select(orphan => orphan.Name)
                .ToHashSet(StringComparer.Ordinal);
            if (old?.Head.Staging is { } previous) garbage.Add(previous);
            _orphans.RemoveAll(orphan => orphan.Commit <= commit);
            await _publisher.DeleteAsync(
                [.. garbage.Select(name => LedgerPaths.Staging(_negotiation, name))], cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.Unavailable(_services.Logger, _negotiation, e.Message);
        }
    }

    private async Task TakeOverAsync(WorkingCopy copy, long index, ReleasedEnvelope released, CancellationToken cancellationToken)
    {
        var proved = await _blobs.ReadEntryAsync(copy.State, copy.Edge, index, cancellationToken).ConfigureAwait(false);
        if (proved.Entry is not EnvelopeEntry entry || entry.At + _services.Options.TakeOverAfter > _services.Time.GetUtcNow()) return;
        var fact = await _facts.ReadHeldAsync(entry.Id, entry.Digest, released.Blob, cancellationToken).ConfigureAwait(false);
        if (fact.Problem is { } problem) _damage.Add(problem);
        else
        {
            _pump.Add(
                new LoggedEnvelope(
                    fact.Value.Head, fact.Value.Wire, index, GroupReceipts.Write(copy.Head!.Head, entry, index, proved.Proof)));
        }
    }

    private async Task<bool> HasMovedOnAsync(HeadInHand? head, CancellationToken cancellationToken)
    {
        var now = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        return now?.Head.State.Commit != head?.Head.State.Commit;
    }

    private Attempt GiveUp()
    {
        Forget();
        return Attempt.Again;
    }
}
