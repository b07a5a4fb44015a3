using System.Text.Json.Nodes;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Adversary;

/// <summary>
/// One negotiation from the first word to the audit, with one lie in it or none. The recipient and
/// its auditor see what is delivered and what the log answers, and nothing else. Everything follows
/// from kind and seed but the keys.
/// </summary>
internal sealed class AdversaryTrace : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly AttackKind _kind;
    private readonly Random _random;
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;
    private readonly List<Planned> _plan = [];
    private readonly List<Delivery> _deliveries = [];
    private readonly FakeBus _bus = new();
    private readonly List<ArrivalRecord> _arrivals = [];
    private readonly List<EnvelopeId> _handedOver = [];
    private DateTimeOffset _at;
    private InboxState _state;

    public AdversaryTrace(AttackKind kind, int seed)
    {
        _kind = kind;
        _random = new Random(seed);
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _state = InboxState.Create(_ledger.Origin);
        _at = _samples.Time.GetUtcNow();
        _bus.Waits = wait => _samples.Time.Advance(wait);
    }

    /// <summary>
    /// What was noticed, the first first: codes of refusals, kinds of findings.
    /// A duplicate that was completed unread counts only where it is the attack.
    /// </summary>
    public List<string> Noticed { get; } = [];

    /// <summary>Every proof that was made.</summary>
    public List<EvidenceFile> Proofs { get; } = [];

    /// <summary>What is wrong with how the trace ended, whatever the attack.</summary>
    public List<string> Wrong { get; } = [];

    public static bool IsHonest(AttackKind kind) => kind <= AttackKind.HonestRestarted;

    public async Task RunAsync()
    {
        await SayAsync();
        await LieInThePlanAsync();
        Log();
        new DeliveryLies(_kind, _random, _ledger, _samples.Time.GetUtcNow(), _deliveries).Tell();
        var log = LieInTheLog();
        await DeliverAsync(log);
        _samples.Time.Advance(Grace);
        await AuditAsync(log);
        Judge();
    }

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    private async Task SayAsync()
    {
        var positions = new Dictionary<Lane, StreamPosition>();
        var count = _random.Next(8, 14);
        var view = new LedgerView(_ledger.Origin);
        for (var i = 0; i < count; i++)
        {
            // The first three go to the recipient in one stream, so that every lie has something to work on.
            var lane = i >= 3 && _random.Next(3) == 0 ? Lane.Urgent : Lane.Normal;
            string[] audience = i < 3 ? ["iran"] : _random.Next(4) switch { 0 => ["oman"], 1 => ["oman", "iran"], _ => ["iran"] };
            var envelope = await SealAsync(lane, audience, positions.GetValueOrDefault(lane), _samples.Sealer(view: view), $"number {i}");
            positions[lane] = StreamPosition.After(envelope.Head);
            _plan.Add(new Planned(await _samples.SignAsync(envelope), null));
            if (!IsHonest(_kind)) continue;
            // An honest sender says what it has seen of the ledger so far.
            Log(_plan[^1]);
            if (_random.Next(2) == 0) view.Observe(_ledger.Checkpoint(), out _);
        }
    }

    private static Task<SealedEnvelope> SealAsync(Lane lane, string[] audience, StreamPosition position, Sealer sealer, string body) =>
        sealer.SealAsync(Samples.Say(body, audience) with { Lane = lane }, position, CancellationToken.None);

    // What the relay writes into its ledger; every lie here is signed by the relay.
    private async Task LieInThePlanAsync()
    {
        var at = Pick(planned => ForUs(planned));
        var target = _plan[at];
        switch (_kind)
        {
            case AttackKind.DropUnlogged:
                _plan.RemoveAt(Pick(planned => ForUs(planned) && _plan.Exists(other => other.Envelope.Id == Next(planned.Envelope.Id))));
                break;
            case AttackKind.LogReordered:
                at = Pick(planned => ForUs(planned) && _plan.Exists(other => other.Envelope.Id == Next(planned.Envelope.Id)));
                var later = _plan.FindIndex(other => other.Envelope.Id == Next(_plan[at].Envelope.Id));
                (_plan[at], _plan[later]) = (_plan[later], _plan[at]);
                break;
            case AttackKind.LogTwice:
                _plan.Add(new Planned(target.Envelope, null));
                break;
            case AttackKind.LogBackInTime:
                _plan[_random.Next(1, _plan.Count)].Back = TimeSpan.FromSeconds(1);
                break;
            case AttackKind.EntryOtherAudience:
                target.Change = entry => With(entry, draft => draft with { Audience = ["mute", .. entry.Head.Audience] });
                break;
            case AttackKind.EntryOtherDigest:
                target.Change = entry => With(entry, draft => draft with { IssuedAt = draft.IssuedAt.AddSeconds(-1) });
                break;
            case AttackKind.EntryMadeUpPolicy:
                target.Change = entry => new EnvelopeEntry { Judged = entry.Judged with { Policy = Digest.Of([2]) }, At = entry.At };
                break;
            case AttackKind.BelowQuorum:
                _plan[at] = new Planned(await _samples.SignAsync(target.Envelope.Sealed, _random.Next(2) == 0 ? "qatar" : "swiss"), null);
                break;
            case AttackKind.MediatorsForgeStatement:
                using (var key = PrivateJwk.Generate(JwkKind.P256, "us#1"))
                using (var signer = new LocalSigner(key))
                {
                    var forger = new Sealer(_samples.Document, "us", signer, null, _samples.Time);
                    _plan.Add(
                        new Planned(
                            await _samples.SignAsync(await SealAsync(Lane.Normal, ["iran"], LastOf(Lane.Normal), forger, "made up")),
                            null));
                }
                break;
            case AttackKind.MediatorsMoveContent:
                _plan.Add(
                    new Planned(
                        await ReSignAsync(
                            target.Envelope.Sealed,
                            draft => draft with
                            {
                                Id = Next(LastOf(Lane.Normal)),
                                Audience = ["iran"],
                                Previous = LastOf(Lane.Normal).Digest,
                            }),
                        null));
                break;
            case AttackKind.MediatorsChangePrevious:
                at = Pick(planned => ForUs(planned) && planned.Envelope.Id.Sequence > 1);
                _plan[at] = new Planned(
                    await ReSignAsync(_plan[at].Envelope.Sealed, draft => draft with { Previous = Digest.Of([3]) }), null);
                break;
            case AttackKind.MediatorsReSign:
                _plan.Add(
                    new Planned(
                        await ReSignAsync(target.Envelope.Sealed, draft => draft with { IssuedAt = draft.IssuedAt.AddSeconds(-1) }),
                        null));
                break;
            case AttackKind.ForkSeenBySender:
                var seen = new SeenCheckpoint(1, Digest.Of([4]));
                at = _plan.FindLastIndex(
                    planned => ForUs(planned) && !_plan.Exists(other => other.Envelope.Id == Next(planned.Envelope.Id)));
                if (at < 0) at = _plan.FindLastIndex(ForUs);
                _plan[at] = new Planned(await ReSignAsync(_plan[at].Envelope.Sealed, draft => draft with { Seen = seen }), null);
                break;
        }
    }

    private void Log()
    {
        if (!IsHonest(_kind)) _plan.ForEach(Log);
        _ledger.Append(new HeartbeatEntry { At = _at }.ToBytes());
        foreach (var planned in _plan.Where(ForUs))
        {
            var size = _kind == AttackKind.HonestDelayed ? _ledger.Size : _random.NextInt64(planned.Index + 1, _ledger.Size + 1);
            _deliveries.Add(new Delivery(planned, planned.Envelope.Wire.ToArray(), _ledger.Receipt(planned.Index, size)));
        }
        if (_kind is AttackKind.HonestReordered || (!IsHonest(_kind) && _random.Next(2) == 0))
        {
            _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_deliveries));
        }
        if (_kind is AttackKind.HonestDuplicated) _deliveries.InsertRange(_random.Next(_deliveries.Count), _deliveries.ToArray());
    }

    private void Log(Planned planned)
    {
        _at += TimeSpan.FromMilliseconds(20);
        var entry = TestLedger.EntryOf(planned.Envelope, _samples.Document.PolicyDigest, _at - planned.Back);
        planned.Index = _ledger.Append((planned.Change?.Invoke(entry) ?? entry).ToBytes());
        if (_random.Next(5) == 0) _ledger.Append(new HeartbeatEntry { At = _at }.ToBytes());
    }

    private LyingLog LieInTheLog()
    {
        switch (_kind)
        {
            case AttackKind.RollBack:
                // Shown is less than what a receipt has committed to.
                _deliveries[^1].Receipt = _ledger.Receipt(_deliveries[^1].Planned.Index, _ledger.Size);
                _ledger.Shown = _random.NextInt64(1, _ledger.Size);
                break;
            case AttackKind.RewriteHistory:
                var rewritten = new TestLedger(_relay);
                var gone = _deliveries[_random.Next(_deliveries.Count)].Planned.Index;
                for (var i = 0; i < _ledger.Size; i++)
                {
                    rewritten.Append(
                        i == gone
                            ? new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddMilliseconds(20 * i) }.ToBytes()
                            : _ledger.Entries[i]);
                }
                rewritten.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddSeconds(5) }.ToBytes());
                // A receipt that reaches as far as the lie.
                _deliveries[^1].Receipt = _ledger.Receipt(_deliveries[^1].Planned.Index, _ledger.Size);
                return new LyingLog(rewritten, _kind, _random);
        }
        return new LyingLog(_ledger, _kind, _random);
    }

    private async Task DeliverAsync(LyingLog log)
    {
        var usesLog = _kind == AttackKind.BadConsistencyProof || _random.Next(2) == 0;
        if (_kind == AttackKind.BadConsistencyProof)
        {
            // Two checkpoints that a proof has to link.
            _deliveries[0].Receipt = _ledger.Receipt(_deliveries[0].Planned.Index, _ledger.Size - 1);
            _deliveries[1].Receipt = _ledger.Receipt(_deliveries[1].Planned.Index, _ledger.Size);
        }
        var restartAt = _kind == AttackKind.HonestRestarted ? _random.Next(1, _deliveries.Count) : -1;
        for (var i = 0; i < _deliveries.Count; i++)
        {
            if (i == restartAt)
            {
                await ReceiveAllAsync(usesLog ? log : null, settleAll: false);
                // What was not settled comes again, and so does one that was.
                _deliveries.AddRange(_deliveries.Take(i).Where(delivery => !_handedOver.Contains(delivery.Planned.Envelope.Id)).ToArray());
                _deliveries.Add(_deliveries[0]);
                if (!InboxState.TryParse(_state.ToBytes(), _ledger.Origin, out var read))
                {
                    throw new InvalidOperationException("Expected the state to be read back.");
                }
                _state = read;
            }
            _bus.Inbox.Enqueue(_deliveries[i].Wire);
            if (_deliveries[i].Receipt is { } receipt) _bus.Receipts.Enqueue(receipt);
            if (_deliveries[i].Receipt is null) await ReceiveAllAsync(usesLog ? log : null, settleAll: true);
        }
        await ReceiveAllAsync(usesLog ? log : null, settleAll: true);
    }

    private async Task ReceiveAllAsync(LyingLog? log, bool settleAll)
    {
        using var trust = _relay.Trust(_samples.Time);
        var checks = new LedgerChecks(trust, _state.View, log, [_samples.Document], TimeSpan.Zero, _samples.Time);
        var inspector = new EnvelopeInspector(
            _samples.Document, "iran", [_samples["iran#enc-1"]], _samples.MediatorKeys, _state.Streams, checks, _samples.Time);
        await using var inbox = new DelegationInbox(_bus, inspector, InboxOrder.Default, null, _samples.Time);
        while (await inbox.ReceiveAsync(TimeSpan.FromSeconds(30), CancellationToken.None) is { } message)
        {
            if (message.Result.Contradiction is { } proof) Proofs.Add(proof);
            if (message.Result.Fault != InboxFault.None)
            {
                if (message.Result.Fault != InboxFault.Duplicate || _kind == AttackKind.ReplayDelivery) Noticed.Add(message.Result.Code);
            }
            else if (settleAll || _random.Next(2) == 0)
            {
                _arrivals.Add(message.Result.ToArrivalRecord()!);
                _handedOver.Add(message.Result.Envelope!.Id);
            }
            else
            {
                continue;
            }
            await message.SettleAsync(CancellationToken.None);
        }
    }

    private async Task AuditAsync(LyingLog log)
    {
        using var trust = _relay.Trust(_samples.Time);
        var grace = Grace - TimeSpan.FromMinutes(1);
        var auditor = new LedgerAuditor(trust, _state.View, log, _samples.Judge(), "iran", grace, TimeSpan.Zero, _samples.Time);
        var report = await auditor.RunAsync(_arrivals, CancellationToken.None);
        foreach (var finding in report.Findings)
        {
            Noticed.Add($"audit:{finding.Kind}");
            if (finding.Contradiction is { } proof) Proofs.Add(proof);
        }
    }

    private void Judge()
    {
        // Whoever judges a proof has the mediators' keys and the document too: an entry without quorum is judged by them.
        var inputs = _relay.Judge with
        {
            FindMediatorKey = (id, _) => _samples.FindMediator(id.Text),
            FindDocument = digest => digest == _samples.Document.PolicyDigest ? _samples.Document : null,
        };
        foreach (var proof in Proofs)
        {
            if (!EvidenceFile.TryParse(proof.Bytes, out var read, out var error)) Wrong.Add($"a proof does not read: {error}");
            else if (EvidenceJudge.Judge(read, inputs) is { Standing: not EvidenceStanding.Proved } verdict)
            {
                Wrong.Add($"a proof proves nothing: {verdict.Detail}");
            }
        }
        // Whatever was handed over was said, once, and in its order when nobody lied.
        if (_handedOver.Distinct().Count() != _handedOver.Count) Wrong.Add("an envelope was handed over twice");
        if (!IsHonest(_kind)) return;
        var expected = _plan.Where(ForUs).Select(planned => planned.Envelope.Id).ToHashSet();
        if (!expected.SetEquals(_handedOver)) Wrong.Add($"expected {expected.Count} envelopes, {_handedOver.Count} were handed over");
        if (_kind == AttackKind.HonestRestarted) return;
        foreach (var stream in _handedOver.GroupBy(id => id.Stream))
        {
            if (!stream.Select(id => id.Sequence).SequenceEqual(stream.Select(id => id.Sequence).Order()))
            {
                Wrong.Add($"{stream.Key} was handed over out of order");
            }
        }
    }

    private int Pick(Func<Planned, bool> which)
    {
        var all = Enumerable.Range(0, _plan.Count).Where(i => which(_plan[i])).ToList();
        return all[_random.Next(all.Count)];
    }

    private static bool ForUs(Planned planned) => planned.Envelope.Head.Audience.Contains("iran");

    private static EnvelopeId Next(EnvelopeId id) => id with { Sequence = id.Sequence + 1 };

    private static EnvelopeId Next(StreamPosition position) => new("doha-2026", "us", Lane.Normal, position.Sequence + 1);

    private StreamPosition LastOf(Lane lane) =>
        StreamPosition.After(
            _plan.Where(planned => planned.Envelope.Id.Lane == lane).MaxBy(planned => planned.Envelope.Id.Sequence)!.Envelope.Head);

    // The same content under another head: what mediators can do without the sender.
    private Task<Envelope> ReSignAsync(SealedEnvelope envelope, Func<EnvelopeDraft, EnvelopeDraft> change) =>
        _samples.SignAsync(SealedEnvelope.Create(change(DraftOf(envelope.Head, envelope.Content))));

    // Another head that nobody signed, with the signatures of the one that they did: what a relay can do alone.
    private static EnvelopeEntry With(EnvelopeEntry entry, Func<EnvelopeDraft, EnvelopeDraft> change)
    {
        var other = SealedEnvelope.Create(change(DraftOf(entry.Head, "{}"u8.ToArray()))).Head;
        var jws = JsonNode.Parse(entry.Judged.Signed.ToWire())!;
        jws["payload"] = StrictBase64Url.Encode(other.Bytes.Span);
        return SignedHead.TryParse(
            System.Text.Encoding.UTF8.GetBytes(jws.ToJsonString()), EnvelopeLimits.Default, out var signed, out _, out var detail)
            ? new EnvelopeEntry { Judged = entry.Judged with { Signed = signed }, At = entry.At }
            : throw new InvalidOperationException(detail);
    }

    private static EnvelopeDraft DraftOf(EnvelopeHead head, ReadOnlyMemory<byte> content) => new()
    {
        Id = head.Id,
        Audience = head.Audience,
        Previous = head.Previous,
        IssuedAt = head.IssuedAt,
        ExpiresAt = head.ExpiresAt,
        Seen = head.Seen,
        Content = content,
    };
}
