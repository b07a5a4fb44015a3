using Relay.Core.Admission;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Quorum;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Judging;
using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Ledgers;
using Relay.Simulation.Tests.Rare;
using Relay.Simulation.Tests.Workers;

namespace Relay.Simulation.Tests;

/// <summary>Who is asked about a world in the end.</summary>
internal enum Asked
{
    Nobody,
    One,
    Everybody,
}

/// <summary>
/// One run: senders, a bus, 2 to 8 workers on one store, and what goes wrong among them. Everything follows from the seed.
/// </summary>
internal sealed class World
{
    public const string RelayName = "relay.test";

    private const int MaxEvents = 400_000;
    private static readonly TimeSpan Troubled = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(6);

    private readonly Plan _plan;
    private readonly Dictionary<byte[], Said> _said;
    private readonly Dictionary<(string, long), Protocol.Negotiations.NegotiationDocument> _documents = [];
    private readonly SimRecipients _recipients;
    private readonly List<SimWorker> _workers = [];
    private readonly List<Task> _running = [];
    private readonly int _faultOneIn;
    private readonly int _crashOneIn;
    private readonly int _wanted;
    private readonly int _clockOneIn;
    private readonly HashSet<byte[]> _held = new(ReferenceEqualityComparer.Instance);

    // What clocks do comes from a source of its own, so that everything else is drawn as it was before there was any.
    private readonly Random _clocks;
    private bool _calm;

    public World(int seed)
    {
        Kernel = new SimKernel(seed);
        Bus = new SimBus(Kernel);
        CheckpointSecrets = new DrawnSecrets($"checkpoint keys of {seed}");
        _plan = Plan.Draw(Kernel);
        _recipients = new SimRecipients(
            Kernel, FindWorker, said => AcknowledgementCandidate.Of(said, DocumentOf(said.Id.Negotiation, TimeSpan.Zero)));
        // In some worlds nobody answers.
        if (seed % 5 % 2 == 0) Bus.Arrived = _recipients.Receive;
        _said = _plan.Streams.SelectMany(stream => stream.Said)
            .ToDictionary(said => said.Wire, (IEqualityComparer<byte[]>)ReferenceEqualityComparer.Instance);
        int[] faults = [0, 300, 100, 40, 15];
        int[] crashes = [0, 1_000, 300, 100, 40];
        _faultOneIn = faults[Kernel.Random.Next(faults.Length)];
        _crashOneIn = crashes[Kernel.Random.Next(crashes.Length)];
        _wanted = 2 + Kernel.Random.Next(7);
        _clocks = new Random(~seed);
        int[] steps = [0, 0, 2_000, 300];
        _clockOneIn = steps[_clocks.Next(steps.Length)];
        int[] beyond = [0, 3_000, 10_000, 65_536];
        PublishBeyond = beyond[_clocks.Next(beyond.Length)];
        RestsAfter = _clocks.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromHours(1);
    }

    public SimKernel Kernel { get; }

    public SimBus Bus { get; }

    /// <summary>How much stands behind a head before it is published: worlds are small, so in most of them little.</summary>
    public int PublishBeyond { get; }

    /// <summary>When a visit publishes a ledger whole.</summary>
    public TimeSpan RestsAfter { get; }

    /// <summary>How long a worker keeps a document before it looks again: up to half a minute, as the app does.</summary>
    public TimeSpan DrawLag() => _clocks.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(30 * _clocks.NextDouble());

    public SimStore Store { get; } = new();

    /// <summary>What its workers make checkpoint keys of.</summary>
    public DrawnSecrets CheckpointSecrets { get; }

    /// <summary>The rare states that it has come through.</summary>
    public RareStates Rare { get; } = new();

    /// <summary>Whose own tools judge it too, which takes a third of a world's time for one party.</summary>
    public Asked Asks { get; init; } = Asked.Everybody;

    /// <summary>Parties' traces that were judged, one for each negotiation of each.</summary>
    public int Traces { get; private set; }

    /// <summary>Workers that died on the way.</summary>
    public int Crashes { get; private set; }

    public int Envelopes => _said.Count;

    /// <summary>What recipients said and were answered.</summary>
    public int Answers => _recipients.Answered.Count;

    /// <summary>What the answers were.</summary>
    public IEnumerable<Relay.Core.Rulings.AcknowledgementVerdict> Verdicts =>
        _recipients.Answered.Select(answer => answer.Outcome.Verdict);

    public string Describe() =>
        $"seed {Kernel.Seed}: {_plan.Streams.Count} streams, {_said.Count} envelopes, {_wanted} workers, fault 1 in {_faultOneIn}, "
            + $"crash 1 in {_crashOneIn}; {Kernel.Events} events, {Crashes} crashes, {Bus.Deliveries} deliveries, "
            + $"{Answers} answers, trace {Kernel.Trace:x16}";

    public Said Find(byte[] body) => _said[body];

    /// <summary>The envelope as the steps before the commit hand it on, under the document that is in force now.</summary>
    /// <param name="said">The envelope.</param>
    /// <param name="lag">How long the worker keeps a document before it looks again.</param>
    public AdmittedEnvelope Admit(Said said, TimeSpan lag)
    {
        var document = DocumentOf(said.Id.Negotiation, lag);
        return new AdmittedEnvelope(
            said.Envelope,
            document,
            document.Quorum.Evaluate([new SignatureFinding(Judging.Envelopes.MediatorKeyId, "qatar", SignatureOutcome.Valid)]));
    }

    private Protocol.Negotiations.NegotiationDocument DocumentOf(string negotiation, TimeSpan lag)
    {
        var version = _plan.PolicyChangeAt is { } change && Kernel.Now >= Judging.Envelopes.Epoch + change + lag ? 2 : 1;
        return _documents.TryGetValue((negotiation, version), out var document)
            ? document
            : _documents[(negotiation, version)] = Judging.Envelopes.Parsed(negotiation, version);
    }

    public CallFate Fate()
    {
        if (_calm || !Kernel.OneIn(_faultOneIn)) return CallFate.Done;
        return (CallFate)(1 + Kernel.Random.Next(4));
    }

    /// <summary>Keeps a task whose failure is a failure of the run.</summary>
    public void Watch(Task task) => _running.Add(task);

    public void NoteRuling(byte[] body, Ruling ruling)
    {
        if (ruling.Verdict == Verdict.Held) Rare.Note(_held.Add(body) ? RareState.Held : RareState.HeldAgain);
        if (ruling.Verdict == Verdict.Duplicate) Rare.Note(RareState.Duplicate);
        if (ruling.Verdict == Verdict.Expired) Rare.Note(RareState.Expired);
        if (ruling.Reason == ReasonCodes.PolicyOutdated) Rare.Note(RareState.PolicyOutdated);
        if (ruling.Reason != ReasonCodes.LedgerUnavailable) return;
        if (ruling.Description.Contains("ahead: set it", StringComparison.Ordinal)) Rare.Note(RareState.ClockAheadRefused);
        if (ruling.Description.Contains("expected a commit within", StringComparison.Ordinal)) Rare.Note(RareState.CommitGivenUp);
    }

    /// <summary>Runs to rest and judges.</summary>
    public void Run()
    {
        foreach (var sending in _plan.Sendings)
        {
            Bus.Enqueue(sending.Said.Wire, 0, sending.At);
        }

        for (var i = 0; i < _wanted; i++) StartWorker();
        Kernel.After(TimeSpan.FromMinutes(1), Maintain);
        var emptySince = Kernel.Now;
        while (Kernel.Step())
        {
            if (Kernel.Events > MaxEvents) throw new InvalidOperationException("does not come to rest");
            var failed = _running.Find(task => task.IsFaulted);
            if (failed is not null) throw new InvalidOperationException("a worker threw", failed.Exception!.InnerException);
            if (_running.Count > 64) _running.RemoveAll(task => task.IsCompletedSuccessfully);
            if (!_calm && Kernel.Now >= Judging.Envelopes.Epoch + Troubled) CalmDown();
            if (!_calm && Kernel.OneIn(_crashOneIn)) Crash();
            if (!_calm && _clockOneIn > 0 && _clocks.Next(_clockOneIn) == 0) StepClock();
            if (_workers.Count == 0) Rare.Note(RareState.NobodyAlive);
            if (!_calm || !Bus.IsEmpty || _recipients.Waiting > 0) emptySince = Kernel.Now;
            else if (Kernel.Now - emptySince > Rest) break;
        }

        StopAll();
        new Judge(_plan, Store, Bus, _recipients.Answered, RelayName, SimVault.Find).Check();
        new RestJudge(_plan, Store, Bus, Kernel.Now).Check();
        if (Asks == Asked.Nobody) return;
        // A source of its own here too.
        var random = new Random(~Kernel.Seed);
        var name = Judging.Envelopes.Delegations[random.Next(Judging.Envelopes.Delegations.Length)];
        new PartyJudge(_plan, Store, Bus, random, name, Kernel.Now).CheckStore();
        foreach (var party in Asks == Asked.Everybody ? Judging.Envelopes.Delegations : [name])
        {
            Traces += new PartyJudge(_plan, Store, Bus, random, party, Kernel.Now).Check();
        }
    }

    /// <summary>True when no stream expires on the way.</summary>
    public bool IsLongLived => !_plan.Streams.Exists(stream => stream.ShortLived);

    /// <summary>What a delegation's tools say of the world as it is now; null when nothing.</summary>
    public string? JudgeAs(string delegation) =>
        Words(() => new PartyJudge(_plan, Store, Bus, new Random(0), delegation, Kernel.Now).Check());

    /// <summary>What was left undone; null when nothing.</summary>
    public string? JudgeRest() => Words(() => new RestJudge(_plan, Store, Bus, Kernel.Now).Check());

    private static string? Words(Action judge)
    {
        try
        {
            judge();
            return null;
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return e.Message;
        }
    }

    private SimWorker? FindWorker()
    {
        var alive = _workers.FindAll(worker => worker is { Alive: true, IsStopping: false });
        return alive.Count == 0 ? null : alive[Kernel.Random.Next(alive.Count)];
    }

    private void StartWorker()
    {
        var worker = new SimWorker(this);
        _workers.Add(worker);
        Bus.Receivers.Add(worker.TryTake);
        Bus.PumpSoon();
    }

    private void Crash()
    {
        var alive = _workers.FindAll(worker => worker.Alive);
        if (alive.Count == 0) return;
        var victim = alive[Kernel.Random.Next(alive.Count)];
        Remove(victim);
        Crashes++;
        if (Kernel.OneIn(5)) Watch(victim.DisposeAsync().AsTask());
        else victim.Kill();
        Kernel.After(Kernel.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30)), StartWorker);
    }

    private void Remove(SimWorker worker)
    {
        Bus.Receivers.RemoveAll(receiver => ReferenceEquals(receiver.Target, worker));
        _workers.Remove(worker);
    }

    // Behind by less than admission forgives, or ahead by less, or by more than any service would believe.
    private void StepClock()
    {
        if (_workers.Count == 0) return;
        Rare.Note(RareState.ClockStepped);
        var ahead = _clocks.Next(3) == 0
            ? TimeSpan.FromMinutes(1 + 9 * _clocks.NextDouble())
            : TimeSpan.FromSeconds(_clocks.Next(-90, 60));
        _workers[_clocks.Next(_workers.Count)].SetClock(ahead);
    }

    private void CalmDown()
    {
        _calm = true;
        _workers.ForEach(worker => worker.SetClock(TimeSpan.Zero));
        if (_workers.Count == 0) StartWorker();
    }

    private void Maintain()
    {
        if (_workers.Count > 0) Watch(_workers[Kernel.Random.Next(_workers.Count)].MaintainAsync());
        Kernel.After(TimeSpan.FromMinutes(1), Maintain);
    }

    private void StopAll()
    {
        var stopping = Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
        for (var i = 0; i < MaxEvents && !stopping.IsCompleted; i++)
        {
            if (!Kernel.Step()) break;
        }

        if (!stopping.IsCompletedSuccessfully) throw new InvalidOperationException("a worker does not stop", stopping.Exception);
    }
}
