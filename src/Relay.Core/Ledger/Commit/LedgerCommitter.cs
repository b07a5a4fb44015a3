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
/// A commit is one conditional write: everything it writes stands behind the new head, in one blob with it. When that has
/// become much it is published, which is idempotent, and the next commit's head stands on what is published then. Only
/// after that is what was superseded deleted.
/// </remarks>
internal sealed class LedgerCommitter
{
    private readonly string _negotiation;
    private readonly LedgerServices _services;
    private readonly GroupAnswers _answers;
    private readonly ReleasePump _pump;
    private readonly DamageReports _damage;
    private readonly HeadKeeper _keeper;
    private readonly StagedBases _bases;
    private readonly StagedView _view;
    private readonly StateBlobs _blobs;
    private readonly FactReader _facts;
    private readonly PrekeyFactReader _prekeyFacts;
    private readonly LedgerPublisher _publisher;
    private readonly PublishPace _pace;
    private readonly HeadSigner _signer;

    // Partial blobs that were published here, or may have been, since the head before: litter if the next one does not stand on them.
    private IReadOnlyList<string> _published = [];

    // What was put in its place here and stands behind the newest head all the same, because another worker's commit came in between.
    private readonly HashSet<string> _inPlace = new(StringComparer.Ordinal);

    // Certificates that are in their place: few, each worker has a key an hour.
    private readonly HashSet<string> _certificates = new(StringComparer.Ordinal);
    private readonly ThrottleNotices _throttles = new();
    private WorkingCopy? _copy;
    private bool _isRegistered;

    // Number of the head that was seen to be published at rest; 0 before the first.
    private long _rested;

    public LedgerCommitter(string negotiation, LedgerServices services, GroupAnswers answers, ReleasePump pump, DamageReports damage)
    {
        _negotiation = negotiation;
        _services = services;
        _answers = answers;
        _pump = pump;
        _damage = damage;
        var origin = $"{services.Options.RelayName}/{negotiation}";
        _keeper = new HeadKeeper(services.Store, services.Verifier, services.Seen, negotiation, origin);
        _bases = new StagedBases(services.Store);
        _view = new StagedView(_bases);
        _blobs = new StateBlobs(_view, negotiation);
        _facts = new FactReader(_view, _blobs, negotiation);
        _prekeyFacts = new PrekeyFactReader(_blobs, negotiation);
        _publisher = new LedgerPublisher(services.Store, _bases, negotiation, services.Logger);
        _pace = new PublishPace(negotiation, services);
        _signer = new HeadSigner(origin);
    }

    /// <summary>True while a head is in memory: what is missing in the store may then only be superseded.</summary>
    public bool HasCopy => _copy is not null;

    /// <summary>Gives up what is in memory: the next attempt reads the head.</summary>
    public void Forget() => _copy = null;

    /// <summary>Reads the head: what is in memory stays as far as it is that head's.</summary>
    /// <exception cref="LedgerStoreException">Store or vault do not answer.</exception>
    /// <exception cref="LedgerDamagedException">The head is damaged or lost.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_copy?.Head is not { } inHand) return;
        var head = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (head is null || !head.Bytes.Span.SequenceEqual(inHand.Bytes.Span)) Forget();
    }

    /// <summary>Decides on a group, commits what it changes, answers it.</summary>
    /// <exception cref="LedgerStoreException">Store or vault do not answer.</exception>
    /// <exception cref="LedgerDamagedException">What the decision needs is damaged,
    /// by the working copy or, where there was none, by the newest head.</exception>
    public async Task<Attempt> AttemptOnceAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        if (_copy is { } kept)
        {
            await RegisterAsync(kept, cancellationToken).ConfigureAwait(false);
            if (kept.Staged.Length > LedgerLimits.MaxStagedBytes)
            {
                _copy = kept = await PublishAsync(kept, cancellationToken).ConfigureAwait(false);
            }
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
            if (Distrust()) return GiveUp();
            if (!await HasMovedOnAsync(head, cancellationToken).ConfigureAwait(false)) throw;
            return GiveUp();
        }
    }

    /// <summary>Takes over releases that nobody forwards, clears away what the head does not need, and publishes the rest.</summary>
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

        copy = await ClearAsync(copy, cancellationToken).ConfigureAwait(false);
        // What a worker left undone, or left to the others, is done by whoever looks: a checkpoint may stand there torn.
        if (_pace.IsMuch(copy.Staged)) copy = await PublishAsync(copy, cancellationToken).ConfigureAwait(false);
        // A ledger at rest is published whole, once: whoever has nothing but its files has all of it. The checkpoint tells, whatever is in
        // its place already: a worker that was overtaken, or died, may have left another one there, or half of one.
        if (_rested != head.State.Commit && head.State.At + _services.Options.RestsAfter <= _services.Time.GetUtcNow())
        {
            if (!await _publisher.IsPublishedAsync(head, cancellationToken).ConfigureAwait(false))
            {
                copy = await PublishAsync(copy, cancellationToken).ConfigureAwait(false);
            }

            _rested = head.State.Commit;
        }

        _copy = copy;
    }

    private async Task<WorkingCopy> OpenAsync(HeadInHand? head, CancellationToken cancellationToken)
    {
        if (head is not null && _pace.NoteRead(head.Head.State)) _services.Moved?.Invoke(_negotiation, head.Head.State);
        _inPlace.IntersectWith((head?.Head.Staged?.Puts ?? []).Select(static put => put.Name));
        _view.Staged = (head?.Head.Staged ?? StagedCommit.Empty).Without(_inPlace);
        var edge = await _blobs.ReadEdgeAsync(head?.Head.State ?? LedgerState.Empty, cancellationToken).ConfigureAwait(false);
        var copy = new WorkingCopy(head, edge) { Staged = _view.Staged };
        await RegisterAsync(copy, cancellationToken).ConfigureAwait(false);
        if (head is not null) await ForgetPublishedAsync(head.Head, cancellationToken).ConfigureAwait(false);
        return copy.Staged.Length > LedgerLimits.MaxStagedBytes
            ? await PublishAsync(copy, cancellationToken).ConfigureAwait(false)
            : copy;
    }

    // After the first head and before any other write, so that a head that is lost later is not taken for one that never was.
    private async Task RegisterAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        if (_isRegistered || copy.State.Commit != 1) return;
        await _publisher.RegisterNegotiationAsync(cancellationToken).ConfigureAwait(false);
        _isRegistered = true;
    }

    private async Task<WorkingCopy> PublishAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        var stays = _pace.Staying(copy.Staged);
        var puts = copy.Staged.Puts.RemoveRange(stays);
        _published = [.. _published.Union(puts.Select(put => put.Name).Where(LedgerPaths.IsPartial))];
        await _publisher.PublishAsync(copy.Staged with { Puts = puts }, copy.Head!.Head, cancellationToken).ConfigureAwait(false);
        _inPlace.UnionWith(puts.Select(static put => put.Name));
        _certificates.UnionWith(puts.Select(static put => put.Name).Where(LedgerPaths.IsCertificate));
        _view.Staged = StagedCommit.Empty with { Puts = stays };
        return copy with { Staged = copy.Staged.Published(stays) };
    }

    // What no head needs any more; the next head then says so no longer.
    private async Task<WorkingCopy> ClearAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        var garbage = copy.Head?.Head.Staged?.Garbage ?? [];
        if (garbage.IsEmpty || copy.Staged.Garbage.IsEmpty) return copy;
        if (!await _publisher.DeleteAsync(garbage, cancellationToken).ConfigureAwait(false)) return copy;
        return copy with { Staged = copy.Staged with { Garbage = [.. copy.Staged.Garbage.Except(garbage)] } };
    }

    // Sizes and sequences only grow: what is partial, and is not what the head has or stands on, is never needed again.
    private async Task ForgetPublishedAsync(LedgerHead head, CancellationToken cancellationToken)
    {
        if (_published.Count == 0) return;
        var staged = head.Staged ?? StagedCommit.Empty;
        var needed = staged.Puts.Select(put => put.After?.Name).Concat(staged.Deletes).ToHashSet(StringComparer.Ordinal);
        needed.UnionWith(LedgerPaths.PartialsOf(_negotiation, head.State));
        await _publisher.DeleteAsync([.. _published.Where(name => !needed.Contains(name))], cancellationToken).ConfigureAwait(false);
        _published = [];
    }

    private async Task<Attempt> DecideAsync(CommitGroup group, WorkingCopy copy, bool isFresh, CancellationToken cancellationToken)
    {
        var (candidates, acknowledgements) = (group.Candidates, group.AcknowledgementCandidates);
        var (prekeys, modes) = (group.PrekeyCandidates, group.ModeCandidates);
        var facts = await _facts.ReadAsync(copy, candidates, acknowledgements, cancellationToken).ConfigureAwait(false);
        await _prekeyFacts.ReadAsync(copy, prekeys, facts, cancellationToken).ConfigureAwait(false);
        if (facts.Problems.Count > 0)
        {
            if (Distrust() || !isFresh || await HasMovedOnAsync(copy.Head, cancellationToken).ConfigureAwait(false)) return GiveUp();
            facts.Problems.ForEach(_damage.Add);
        }

        copy = copy with { Tails = facts.Tails };
        if (copy.Head is not null) _copy = copy;
        // Of the moment that dates the decision: a clock may be set while evidence is looked for.
        TimeSpan? ahead = null;
        Decision Decide()
        {
            var now = _services.Time.GetUtcNow();
            ahead = _services.Clock?.AheadAt(now);
            return DecisionRules.Decide(
                _negotiation, copy.State, candidates, acknowledgements, facts, group.Marks, now, isFresh, prekeys, modes);
        }

        var decision = Decide();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        while (!decision.NeedsFreshHead && await _facts.ReadEvidenceAsync(facts, decision, asked, cancellationToken).ConfigureAwait(false))
        {
            decision = Decide();
        }

        if (decision.NeedsFreshHead) return GiveUp();
        // What is dated ahead stays ahead: no later entry may be dated before it.
        if (decision.Changes && ahead > ServiceClock.MaxAhead) throw new LedgerStoreException(ServiceClock.Objection(ahead.Value));
        if (decision.Changes) return await WriteAsync(group, copy, decision, facts, cancellationToken).ConfigureAwait(false);
        _answers.Complete(group, decision, new GroupReceipts(decision, facts, copy.Head?.Head, null, null));
        _services.Signals.Send(_throttles.Of(candidates, decision, _services.Time.GetUtcNow()));
        return Attempt.Done;
    }

    private async Task<Attempt> WriteAsync(
        CommitGroup group, WorkingCopy copy, Decision decision, GroupFacts facts, CancellationToken cancellationToken)
    {
        var old = copy.Head;
        var signer = await FindSignerAsync(decision.State.At, cancellationToken).ConfigureAwait(false);
        var isNewKey = old is null || !old.Head.Certificate.Bytes.SequenceEqual(signer.Certificate.Bytes);
        var name = LedgerPaths.Certificate(_negotiation, _signer.KeyOf(signer).KeyId);
        // Workers that commit in turn have a key each: none is put again for that.
        var certificate = isNewKey && !_certificates.Contains(name) ? new StagedBlob(name, signer.Certificate.Bytes.ToArray()) : null;
        var written = CommitWriter.Write(_negotiation, copy, decision, certificate);
        var staged = copy.Staged.Then(written.Staged);
        var (head, note) = await _signer.SignAsync(
            signer, written.State, staged.IsEmpty ? null : staged, old?.Head, cancellationToken).ConfigureAwait(false);
        if (await SwapAsync(old, head, note, cancellationToken).ConfigureAwait(false) is not { } swapped) return Attempt.Lost;

        if (old is null) LedgerLog.Begun(_services.Logger, _negotiation);
        _pace.NoteWritten(head.State);
        _bases.Keeps = _pace.IsShared;
        _facts.Remember(head.State);
        _prekeyFacts.Remember(decision);
        var receipts = new GroupReceipts(decision, facts, old?.Head, head, written.Edge);
        _answers.Complete(group, decision, receipts);
        foreach (var release in decision.Releases)
        {
            _pump.Add(Logged(release.Envelope, release.Index, receipts.Of(release.Index)()));
        }

        // Only now: the proofs of the new entries come from what trimming takes away.
        written.Edge.Trim();
        _copy = new WorkingCopy(swapped, written.Edge) { Tails = written.Tails };
        _view.Staged = _copy.Staged;
        _services.Signals.Send(decision.Signals);
        _services.Signals.Send(_throttles.Of(group.Candidates, decision, decision.State.At));
        await FinishAsync(_copy, cancellationToken).ConfigureAwait(false);
        return Attempt.Done;
    }

    private async Task<CheckpointSigner> FindSignerAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var signer = await _services.Keys.GetAsync(at, cancellationToken).ConfigureAwait(false)
            ?? throw new LedgerStoreException("the vault does not certify a checkpoint key now");
        if (at <= signer.Certificate.ExpiresAt) return signer;
        throw new LedgerStoreException(string.Create(
            CultureInfo.InvariantCulture,
            $"expected a clock at {at:u} or later, as the ledger has it, got a checkpoint key until {signer.Certificate.ExpiresAt:u}"));
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

    // What is not needed for the answer. Whatever fails here is done by a later commit, or by a visit.
    private async Task FinishAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            await RegisterAsync(copy, cancellationToken).ConfigureAwait(false);
            await ForgetPublishedAsync(copy.Head!.Head, cancellationToken).ConfigureAwait(false);
            _copy = copy = await ClearAsync(copy, cancellationToken).ConfigureAwait(false);
            if (_pace.IsDue(copy.Staged))
            {
                _copy = await PublishAsync(copy, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.Unavailable(_services.Logger, _negotiation, e.Message);
        }
        catch (LedgerDamagedException)
        {
            // What is missing may only be superseded; if not, whoever reads the head next finds it out.
            Forget();
        }
    }

    private static LoggedEnvelope Logged(Candidate held, long index, ReadOnlyMemory<byte> receipt) =>
        new(held.Head, held.Wire, held.ContentLength, index, receipt);

    private async Task TakeOverAsync(WorkingCopy copy, long index, ReleasedEnvelope released, CancellationToken cancellationToken)
    {
        var proved = await _blobs.ReadEntryAsync(copy.State, copy.Edge, index, cancellationToken).ConfigureAwait(false);
        if (proved.Entry is not EnvelopeEntry entry || entry.At + _services.Options.TakeOverAfter > _services.Time.GetUtcNow()) return;
        var fact = await _facts.ReadHeldAsync(entry.Id, entry.Digest, released.Blob, cancellationToken).ConfigureAwait(false);
        if (fact.Problem is { } problem) _damage.Add(problem);
        else
        {
            _pump.Add(Logged(fact.Value, index, GroupReceipts.Write(copy.Head!.Head, entry, index, proved.Proof)));
        }
    }

    private async Task<bool> HasMovedOnAsync(HeadInHand? head, CancellationToken cancellationToken)
    {
        var now = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        return now?.Head.State.Commit != head?.Head.State.Commit;
    }

    // Of what is damaged some may have been kept, and what was put in its place stands behind the head still, whatever has become of it
    // there. False when nothing is left but what the store says.
    private bool Distrust()
    {
        if (_inPlace.Count == 0 && !_bases.Keeps) return false;
        _inPlace.Clear();
        _certificates.Clear();
        _bases.Keeps = false;
        return true;
    }

    private Attempt GiveUp()
    {
        Forget();
        return Attempt.Again;
    }
}
