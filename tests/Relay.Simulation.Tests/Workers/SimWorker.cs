using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Admission;
using Relay.Core.Early;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Judging;
using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Ledgers;
using Relay.Simulation.Tests.Rare;

namespace Relay.Simulation.Tests.Workers;

/// <summary>One process of the relay: takes messages, commits, forwards, settles. May die between any two events.</summary>
internal sealed class SimWorker : IReleaseForwarding, ILedgerSignals, IAsyncDisposable
{
    private const int Slots = 6;
    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(2);

    private readonly World _world;
    private readonly SimLife _life = new();
    private readonly SimCalls _calls;
    private readonly SimTopics _topics;
    private readonly CheckpointKeys _keys;
    private readonly NegotiationLedgers _ledgers;
    private readonly EarlyEnvelopes _early;
    private readonly Dictionary<Digest, byte[]> _kept = [];
    private readonly SettlementPolicy _settlement;
    private readonly SimTime _time;
    private readonly ServiceClock _clock;
    private readonly StoreTrail _trail;
    private readonly TimeSpan _lag;
    private int _busy;
    private bool _stopping;

    // The entry that it forwarded last.
    private (string Negotiation, long Index)? _forwarded;

    public SimWorker(World world)
    {
        _world = world;
        var random = world.Kernel.Random;
        _time = new SimTime(world.Kernel, _life, world.Kernel.OneIn(3) ? world.Kernel.Between(-MostAhead, MostAhead) : TimeSpan.Zero);
        _calls = new SimCalls(world.Kernel, _life, _ => world.Fate());
        _topics = new SimTopics(world.Bus, _calls);
        _lag = world.DrawLag();
        var vault = new SimVault(_calls, world.Rare);
        _clock = new ServiceClock(_time);
        _trail = new StoreTrail(world.Rare, world.Kernel, _life);
        var options = Options.Create(
            new LedgerOptions
            {
                RelayName = World.RelayName,
                MaxGroup = 1 + random.Next(32),
                MaxLedgers = world.Kernel.OneIn(4) ? 1 : 1_000,
                PublishBeyond = world.PublishBeyond,
                RestsAfter = world.RestsAfter,
            });
        _keys = new CheckpointKeys(
            vault,
            World.RelayName,
            options.Value.VaultTimeout,
            _time,
            NullLogger<CheckpointKeys>.Instance,
            () => world.CheckpointSecrets.CreateKey("checkpoint"));
        var scheduler = new SimScheduler(world.Kernel, _life);
        _early = new EarlyEnvelopes((early, _, _) => RelayEarlyAsync(early), _time, scheduler, NullLogger<EarlyEnvelopes>.Instance);
        _ledgers = new NegotiationLedgers(
            new SimLedgerStore(world.Store, _calls, _trail, world.Kernel, _clock),
            _keys,
            new CheckpointKeyRing(vault),
            this,
            this,
            options,
            _time,
            scheduler,
            random.NextDouble,
            NullLogger<NegotiationLedgers>.Instance,
            _clock,
            _early.Moved);
        _settlement = new SettlementPolicy(new RetryBackoff(random.NextDouble), _time, _clock);
    }

    public bool Alive => _life.Alive;

    /// <summary>It ends in order and takes nothing more.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Takes a message unless it is full, stopping or dead.</summary>
    public bool TryTake(SimBus.Delivery delivery)
    {
        if (!_life.Alive || _stopping || _busy >= Slots) return false;
        _busy++;
        _world.Watch(RunAsync(delivery));
        return true;
    }

    /// <summary>Takes an acknowledgement that was proved to be its delegation's; never answers once it is dead.</summary>
    public ValueTask<AcknowledgementOutcome> AcknowledgeAsync(AcknowledgementCandidate candidate) =>
        _ledgers.AcknowledgeAsync(candidate, CancellationToken.None);

    /// <summary>Ends it at once: nothing it waits for comes any more.</summary>
    public void Kill()
    {
        _trail.OnKilled();
        if (_forwarded is var (negotiation, index)
            && FinalLedger.ReadHead(_world.Store, negotiation) is { } head
            && head.State.Outstanding.Any(run => index >= run.Index && index < run.End))
        {
            _world.Rare.Note(RareState.KilledBetweenForwardAndMark);
        }
        _life.Alive = false;
    }

    /// <summary>Sets its clock.</summary>
    public void SetClock(TimeSpan ahead) => _time.Ahead = ahead;

    /// <summary>Ends it in order.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _early.DisposeAsync().ConfigureAwait(false);
        await _ledgers.DisposeAsync().ConfigureAwait(false);
        await _keys.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What the timer does every minute.</summary>
    public async Task MaintainAsync()
    {
        if (_stopping) return;
        try
        {
            await foreach (var negotiation in _ledgers.ListAsync(CancellationToken.None).ConfigureAwait(false))
            {
                await _ledgers.VisitAsync(negotiation, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (LedgerStoreException)
        {
            // Next minute.
        }
    }

    public async ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken)
    {
        _world.Rare.NoteRelease(envelope.Id.Negotiation, envelope.Index, this);
        _early.Logged(envelope.Id);
        if (!Envelope.TryParse(envelope.Wire, EnvelopeLimits.Default, out var parsed, out _, out var detail))
        {
            throw new InvalidOperationException(detail);
        }
        return await _topics.SendToAllAsync(parsed, envelope.Index, envelope.Receipt, cancellationToken).ConfigureAwait(false)
            ? null
            : "a topic failed";
    }

    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken)
    {
        // No operator is in this world.
        if (signal.Kind == LedgerSignalKind.ModeChanged) return new(true);
        _world.Rare.Note(signal.Kind switch
        {
            LedgerSignalKind.Equivocation => RareState.EquivocationCommitted,
            LedgerSignalKind.BrokenChain => RareState.BrokenChainCommitted,
            LedgerSignalKind.ForkSeen => RareState.ForkSeenCommitted,
            LedgerSignalKind.HeldExpired => RareState.HeldExpired,
            LedgerSignalKind.Throttled => RareState.Throttled,
            LedgerSignalKind.ThrottleEnded => RareState.ThrottleEnded,
            LedgerSignalKind.ModeChanged => throw new InvalidOperationException("A change of mode is no rare state."),
        });
        return new(true);
    }

    private async Task RunAsync(SimBus.Delivery delivery)
    {
        var ruling = await RelayAsync(delivery.Body).ConfigureAwait(false);
        _world.NoteRuling(delivery.Body, ruling);
        await SettleAsync(delivery, ruling).ConfigureAwait(false);
        _busy--;
        _world.Bus.PumpSoon();
    }

    private async Task<Ruling> RelayAsync(byte[] body)
    {
        var said = _world.Find(body);
        var head = said.Envelope.Head;
        if (AdmissionRules.CheckTimes(head, _clock.Now) is { } notNow) return Identify(notNow, head);
        var outcome = await _ledgers.CommitAsync(_world.Admit(said, _lag), CancellationToken.None).ConfigureAwait(false);
        if (outcome.IsEntry) _early.Logged(said.Id);
        if (!outcome.Forward) return Keep(said, outcome.Ruling!);
        if (AdmissionRules.CheckTimes(head, _clock.Now) is { } tooLate) return Identify(tooLate, head);
        if (!await _topics.SendToAllAsync(said.Envelope, outcome.Index, outcome.Receipt, CancellationToken.None).ConfigureAwait(false))
        {
            return Identify(new Ruling(Verdict.TopicUnavailable, ReasonCodes.TopicUnavailable, "simulated"), head);
        }

        _ledgers.MarkForwarded(said.Id.Negotiation, outcome.Index);
        _forwarded = (said.Id.Negotiation, outcome.Index);
        return Identify(new Ruling(Verdict.Forwarded, ReasonCodes.Forwarded, ""), head);
    }

    private Ruling Keep(Said said, Ruling ruling)
    {
        var kept = _early.Keep(ruling, said.Wire, null);
        if (kept.RetryFrom > TimeSpan.Zero) _kept[said.Envelope.Digest] = said.Wire;
        return kept;
    }

    // Without anything to settle: its copy is on the queue.
    private async ValueTask<Ruling> RelayEarlyAsync(EarlyEnvelope early)
    {
        if (!Envelope.TryParse(early.Wire, EnvelopeLimits.Default, out var parsed, out _, out var detail))
        {
            throw new InvalidOperationException(detail);
        }

        var body = _kept[parsed.Digest];
        var ruling = await RelayAsync(body).ConfigureAwait(false);
        _world.NoteRuling(body, ruling);
        if (ruling.Verdict == Verdict.Forwarded) _world.Rare.Note(RareState.EarlyRelayed);
        return ruling;
    }

    private async Task SettleAsync(SimBus.Delivery delivery, Ruling ruling)
    {
        var plan = _settlement.Plan(ruling, delivery.Attempt, delivery.EnqueuedAt);
        if (plan.CopyAt is { } copyAt) CheckCopy(delivery, plan.Settlement, copyAt);
        try
        {
            switch (plan.Settlement)
            {
                case SettlementAction.Complete:
                    await CallAsync(() => Complete(delivery)).ConfigureAwait(false);
                    break;
                case SettlementAction.DeadLetter:
                    await CallAsync(() => _world.Bus.DeadLetter(delivery.LockToken, plan.Ruling.Reason)).ConfigureAwait(false);
                    break;
                case SettlementAction.Retry or SettlementAction.Postpone:
                    await CallAsync(() =>
                    {
                        _world.Bus.Enqueue(delivery.Body, plan.CopyAttempt, plan.CopyAt!.Value - _world.Kernel.Now);
                        return true;
                    }).ConfigureAwait(false);
                    await CallAsync(() => _world.Bus.Complete(delivery.LockToken)).ConfigureAwait(false);
                    break;
                case SettlementAction.Abandon:
                    _world.Bus.Abandon(delivery.LockToken);
                    break;
            }
        }
        catch (TimeoutException)
        {
            // The lock runs out and the message comes again.
        }
    }

    // One that is due before the message it stands for was visible is back at once, however often it is put off.
    private void CheckCopy(SimBus.Delivery delivery, SettlementAction settlement, DateTimeOffset dueAt)
    {
        if (delivery.EnqueuedAt > _clock.Now) _world.Rare.Note(RareState.PutOffByAClockBehind);
        var isLater = settlement == SettlementAction.Retry ? dueAt > delivery.EnqueuedAt : dueAt >= delivery.EnqueuedAt;
        if (isLater) return;
        throw new InvalidOperationException(
            $"a copy is due {dueAt:O} of a message that came {delivery.EnqueuedAt:O}, by a clock at {_clock.Now:O}");
    }

    private bool Complete(SimBus.Delivery delivery)
    {
        var done = _world.Bus.Complete(delivery.LockToken);
        if (!done) _world.Rare.Note(RareState.LockLost);
        return done;
    }

    private static Ruling Identify(Ruling ruling, EnvelopeHead head) =>
        ruling with { Id = head.Id, ExpiresAt = head.ExpiresAt };

    private Task<bool> CallAsync(Func<bool> effect) =>
        _calls.CallAsync("settle", torn => !torn && effect(), () => new TimeoutException("simulated failure"), CancellationToken.None);
}
