using System.Globalization;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>The ledger of one negotiation in this process: groups what waits, commits it, publishes it, forwards what it released. Safe for concurrent use.</summary>
/// <remarks>
/// <para>One group at a time: while it is under way the next one gathers, so there is no timer and a lone envelope waits for nobody. Other workers may commit to the same
/// ledger; whoever loses the head's swap reads the head again and decides anew.</para>
/// <para>A commit is durable with the swap: the new head names a staging blob that holds everything else. Publishing it is idempotent, and the next swap, whoever makes it,
/// comes after it.</para>
/// </remarks>
internal sealed class NegotiationLedger
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private const int LargestExponent = 5;

    private readonly LedgerServices _services;
    private readonly string _negotiation;
    private readonly string _origin;
    private readonly LedgerInbox _inbox;
    private readonly HeadKeeper _keeper;
    private readonly StateBlobs _blobs;
    private readonly FactReader _facts;
    private readonly LedgerPublisher _publisher;
    private readonly HeadSigner _signer;
    private readonly GroupAnswers _answers;
    private readonly ReleasePump _pump;
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    // The fields below belong to the inbox's run.
    private readonly Dictionary<int, byte[]> _tails = [];
    private readonly List<(long Commit, string Name)> _orphans = [];
    private HeadInHand? _head;
    private TreeEdge? _edge;
    private StagedCommit? _staged;
    private bool _isPublished;
    private bool _isUnavailable;

    public NegotiationLedger(string negotiation, LedgerServices services)
    {
        _negotiation = negotiation;
        _services = services;
        _origin = $"{services.Options.RelayName}/{negotiation}";
        _inbox = new LedgerInbox(services, CommitAsync);
        _keeper = new HeadKeeper(services.Store, services.Verifier, services.Seen, negotiation, _origin);
        _blobs = new StateBlobs(services.Store, negotiation);
        _facts = new FactReader(services.Store, _blobs, negotiation);
        _publisher = new LedgerPublisher(services.Store, negotiation, services.Logger);
        _signer = new HeadSigner(_origin);
        _answers = new GroupAnswers(negotiation, services);
        _pump = new ReleasePump(
            negotiation, services.Releases, (index, token) => ForwardedAsync(index, token), services.Scheduler, services.Time, services.Logger, services.Stopping);
    }

    /// <summary>Nothing waits, nothing is being committed or forwarded.</summary>
    public bool IsIdle => _inbox.Run is null && _pump.Run is null;

    /// <summary>Commits one envelope, together with whatever waits for the same ledger.</summary>
    public async ValueTask<CommitOutcome> CommitAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        if (_inbox.TryAddAsync(candidate) is { } outcome) return await outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
        return CommitRulings.Stopped(CommitRulings.Unavailable($"{_services.Options.MaxWaiting} envelopes wait already"), candidate.Payload);
    }

    /// <summary>Records that an entry is forwarded; false when that cannot be recorded now.</summary>
    public async ValueTask<bool> ForwardedAsync(long index, CancellationToken cancellationToken) => await _inbox.MarkAsync(index).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the head anew and does what others have left undone; false when that is not possible now.</summary>
    public async ValueTask<bool> VisitAsync(CancellationToken cancellationToken) => await _inbox.VisitAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until nothing is being committed.</summary>
    public async Task FinishCommitsAsync()
    {
        while (_inbox.Run is { } run)
        {
            await run.ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async Task DrainAsync()
    {
        while ((_inbox.Run ?? _pump.Run) is { } run)
        {
            await run.ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(CommitGroup group)
    {
        using var deadline = new CancellationTokenSource(_services.Options.CommitTimeout, _services.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _services.Stopping);
        try
        {
            await AttemptAsync(group, linked.Token).ConfigureAwait(false);
            _isUnavailable = false;
        }
        catch (LedgerStoreException e)
        {
            Unavailable(group, e.Message);
        }
        catch (OperationCanceledException)
        {
            Unavailable(group, $"expected a commit within {_services.Options.CommitTimeout}, got none");
        }
        catch (LedgerDamagedException e)
        {
            Report(e.Message);
            Forget();
            _answers.Stop(group, CommitRulings.Damaged());
        }
#pragma warning disable CA1031 // The run must go on for the groups to come; this is its only catch-all, and it logs.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LedgerLog.Unexpected(_services.Logger, _negotiation, e);
            Forget();
            _answers.Stop(group, CommitRulings.Unavailable("the commit failed"));
        }
    }

    private async Task AttemptAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        if (group.Visits.Count > 0) Forget();
        for (var attempt = 0; attempt < _services.Options.MaxAttempts; attempt++)
        {
            var before = _head;
            try
            {
                switch (await TryCommitAsync(group, cancellationToken).ConfigureAwait(false))
                {
                    case Attempt.Done:
                        await VisitedAsync(group, cancellationToken).ConfigureAwait(false);
                        return;
                    case Attempt.Again:
                        break;
                    case Attempt.Lost:
                        var pause = FirstPause * (1 << Math.Min(attempt, LargestExponent)) * _services.Random();
                        await Task.Delay(pause < LeastPause ? LeastPause : pause, _services.Time, cancellationToken).ConfigureAwait(false);
                        break;
                }
            }
            catch (LedgerDamagedException) when (before is not null)
            {
                // What is missing may only be superseded: the head in memory is an old one.
                Forget();
            }
        }

        throw new LedgerStoreException($"expected the head's swap to succeed in {_services.Options.MaxAttempts} attempts, it did not");
    }

    private async Task<Attempt> TryCommitAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        var isFresh = _head is null;
        if (isFresh)
        {
            // Where there was no ledger, the edge of the empty tree may be left from then.
            Forget();
            Take(await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false));
        }

        try
        {
            await PublishAsync(cancellationToken).ConfigureAwait(false);
            var state = _head?.Head.State ?? LedgerState.Empty;
            _edge ??= await _blobs.ReadEdgeAsync(state, cancellationToken).ConfigureAwait(false);
            var candidates = group.Candidates;
            var facts = await _facts.ReadAsync(state, _edge, _tails, candidates, cancellationToken).ConfigureAwait(false);
            if (facts.Problems.Count > 0)
            {
                if (!isFresh || await HasMovedOnAsync(cancellationToken).ConfigureAwait(false)) return Forget();
                facts.Problems.ForEach(Report);
            }

            Decision Decide() => DecisionRules.Decide(_negotiation, state, candidates, facts, group.Forwarded, _services.Time.GetUtcNow(), isFresh);
            var decision = Decide();
            var asked = new HashSet<string>(StringComparer.Ordinal);
            while (!decision.NeedsFreshHead && await _facts.ReadEvidenceAsync(facts, decision, asked, cancellationToken).ConfigureAwait(false))
            {
                decision = Decide();
            }

            if (decision.NeedsFreshHead) return Forget();

            if (decision.Changes) return await WriteAsync(group, decision, facts, cancellationToken).ConfigureAwait(false);
            _answers.Complete(group, decision, new GroupReceipts(decision, facts, _head?.Head, null, null));
            return Attempt.Done;
        }
        catch (LedgerDamagedException) when (isFresh && _head is not null)
        {
            if (await HasMovedOnAsync(cancellationToken).ConfigureAwait(false)) return Forget();
            throw;
        }
    }

    private async Task<Attempt> WriteAsync(CommitGroup group, Decision decision, GroupFacts facts, CancellationToken cancellationToken)
    {
        var old = _head;
        var signer = await _services.Keys.GetAsync(cancellationToken).ConfigureAwait(false) ?? throw new LedgerStoreException("the vault does not certify a checkpoint key now");
        if (decision.State.At > signer.Certificate.ExpiresAt)
        {
            throw new LedgerStoreException(
                string.Create(CultureInfo.InvariantCulture, $"expected a clock at {decision.State.At:u} or later, as the ledger has it, got a checkpoint key until {signer.Certificate.ExpiresAt:u}"));
        }

        var isNewKey = old is null || !old.Head.Certificate.Bytes.SequenceEqual(signer.Certificate.Bytes);
        var certificate = isNewKey ? new StagedBlob(LedgerPaths.Certificate(_negotiation, _signer.KeyOf(signer).KeyId), signer.Certificate.Bytes.ToArray()) : null;
        var written = CommitWriter.Write(_negotiation, old?.Head.State ?? LedgerState.Empty, decision, _edge!, _tails, certificate);
        var (stagingName, isEmpty) = (default(string), written.Staged.Puts.IsEmpty && written.Staged.Deletes.IsEmpty);
        if (!isEmpty)
        {
            var content = written.Staged.ToBytes();
            stagingName = LedgerPaths.StagingName(written.State.Commit, Digest.Of(content));
            _orphans.Add((written.State.Commit, stagingName));
            await _publisher.StageAsync(stagingName, content, cancellationToken).ConfigureAwait(false);
        }

        var (head, note) = await _signer.SignAsync(signer, written.State, stagingName, cancellationToken).ConfigureAwait(false);
        if (old is null) await _publisher.MarkAsync(cancellationToken).ConfigureAwait(false);
        if (await SwapAsync(old, head, note, cancellationToken).ConfigureAwait(false) is not { } swapped) return Attempt.Lost;

        if (old is null) LedgerLog.Begun(_services.Logger, _negotiation);
        Take(swapped);
        _staged = isEmpty ? null : written.Staged;
        _edge = written.Edge;
        foreach (var (position, tail) in written.Tails)
        {
            _tails[position] = tail;
        }

        _facts.Remember(head.State);
        var receipts = new GroupReceipts(decision, facts, old?.Head, head, _edge);
        _answers.Complete(group, decision, receipts);
        foreach (var release in decision.Releases)
        {
            _pump.Add(new PendingRelease(release.Index, release.Envelope, receipts.Of(release.Index)()));
        }

        _edge.Trim();
        _services.Signals.Send(decision.Signals);
        await FinishAsync(old, cancellationToken).ConfigureAwait(false);
        return Attempt.Done;
    }

    // Null when another head is there now; it is in hand then.
    private async Task<HeadInHand?> SwapAsync(HeadInHand? old, LedgerHead head, SignedNote note, CancellationToken cancellationToken)
    {
        try
        {
            if (await _keeper.SwapAsync(old, head, note, cancellationToken).ConfigureAwait(false) is { } swapped) return swapped;
            Forget();
            return null;
        }
        catch (LedgerStoreException)
        {
            // Done, not done, or to be done later: the head tells. Later is fine too, because the next attempt's swap and that one exclude each other.
            Forget();
            var there = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (there is not null && there.Bytes.Span.SequenceEqual(note.Bytes.Span)) return there;
            return null;
        }
    }

    // What is not needed for the answer. Whatever fails here is done by the next commit, or by a visit.
    private async Task FinishAsync(HeadInHand? old, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(cancellationToken).ConfigureAwait(false);
            var state = _head!.Head.State;
            var garbage = _orphans.Where(orphan => orphan.Commit <= state.Commit && orphan.Name != _head.Head.Staging).Select(orphan => orphan.Name).ToHashSet(StringComparer.Ordinal);
            if (old?.Head.Staging is { } previous) garbage.Add(previous);
            _orphans.RemoveAll(orphan => orphan.Commit <= state.Commit);
            await _publisher.DeleteAsync([.. garbage.Select(name => LedgerPaths.Staging(_negotiation, name))], cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerStoreException e)
        {
            LedgerLog.Unavailable(_services.Logger, _negotiation, e.Message);
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (_isPublished || _head is not { } head) return;
        if (head.Head.Staging is { } name)
        {
            _staged ??= await _publisher.ReadStagedAsync(name, cancellationToken).ConfigureAwait(false);
            await _publisher.PublishAsync(_staged, head.Head, cancellationToken).ConfigureAwait(false);
        }

        _staged = null;
        _isPublished = true;
    }

    // After a visit, or a read of the head: releases that nobody forwards, and garbage.
    private async Task VisitedAsync(CommitGroup group, CancellationToken cancellationToken)
    {
        if (group.Visits.Count == 0) return;
        try
        {
            if (_head is { } head)
            {
                await TakeOverAsync(head.Head, cancellationToken).ConfigureAwait(false);
                await _publisher.CollectAsync(head.Head, cancellationToken).ConfigureAwait(false);
            }

            _answers.Answer(group.Visits, true);
        }
        catch (Exception e) when (e is LedgerStoreException or LedgerDamagedException or OperationCanceledException)
        {
            LedgerLog.Unavailable(_services.Logger, _negotiation, e.Message);
            _answers.Answer(group.Visits, false);
        }
    }

    private async Task TakeOverAsync(LedgerHead head, CancellationToken cancellationToken)
    {
        foreach (var outstanding in head.State.Outstanding)
        {
            if (outstanding.Released is not { } released || _pump.Knows(outstanding.Index)) continue;
            var proved = await _blobs.ReadEntryAsync(head.State, _edge!, outstanding.Index, cancellationToken).ConfigureAwait(false);
            if (proved.Entry is not EnvelopeEntry entry || entry.At + _services.Options.TakeOverAfter > _services.Time.GetUtcNow()) continue;
            var fact = await _facts.ReadHeldAsync(entry.Id, entry.Digest, released.Blob, cancellationToken).ConfigureAwait(false);
            if (fact.Problem is { } problem) Report(problem);
            else _pump.Add(new PendingRelease(outstanding.Index, fact.Value, GroupReceipts.Write(head, entry, proved.Index, proved.Proof)));
        }
    }

    private async Task<bool> HasMovedOnAsync(CancellationToken cancellationToken)
    {
        var now = await _keeper.ReadAsync(cancellationToken).ConfigureAwait(false);
        return now?.Head.State.Commit != _head?.Head.State.Commit;
    }

    private void Take(HeadInHand? head)
    {
        _head = head;
        _isPublished = false;
        _staged = null;
    }

    private Attempt Forget()
    {
        Take(null);
        _edge = null;
        _tails.Clear();
        return Attempt.Again;
    }

    private void Unavailable(CommitGroup group, string problem)
    {
        if (!_isUnavailable) LedgerLog.Unavailable(_services.Logger, _negotiation, problem);
        _isUnavailable = true;
        Forget();
        _answers.Stop(group, CommitRulings.Unavailable(problem));
    }

    // Once each: a damaged blob is met again with every envelope.
    private void Report(string problem)
    {
        if (_reported.Count < 1_000 && _reported.Add(problem)) LedgerLog.Damaged(_services.Logger, _negotiation, problem);
    }

    private enum Attempt
    {
        Done,
        Again,
        Lost,
    }
}
