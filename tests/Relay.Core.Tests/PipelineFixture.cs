using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Core.Early;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Modes;
using Relay.Core.Pending;
using Relay.Core.Reading;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Core.Verification;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests;

/// <summary>The real pipeline over fake ports, with the mediators' keys usable and the directory readable.</summary>
internal sealed class PipelineFixture : IAsyncDisposable
{
    /// <summary>What a test that is not about time gives each envelope.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private readonly NegotiationDirectory _directory;
    private readonly RecentHeads _heads;
    private readonly CheckpointKeys _checkpointKeys;
    private readonly CheckpointKeyRing _ring;
    private readonly bool _ownsCertifier;

    /// <param name="store">That of another worker; null for one of its own.</param>
    /// <param name="negotiation">As above.</param>
    /// <param name="certifier">As above.</param>
    public PipelineFixture(MemoryLedgerStore? store = null, TestNegotiation? negotiation = null, LocalCertifier? certifier = null)
    {
        Store = store ?? new MemoryLedgerStore();
        _ownsCertifier = certifier is null;
        Certifier = certifier ?? new LocalCertifier();
        Faults = new FaultStore(Store, Time);
        Negotiation = negotiation ?? new TestNegotiation(Time.GetUtcNow());
        foreach (var mediator in new[] { "qatar", "oman", "swiss" })
        {
            Keys.Keys[TestNegotiation.KeyId(mediator)] = new KeyLookup(KeyStatus.Usable, Negotiation.VerificationKeyOf(mediator));
        }

        Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(TestNegotiation.Document())
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
        _directory = new NegotiationDirectory(
            Source, Options.Create(new DirectoryOptions()), Time, NullLogger<NegotiationDirectory>.Instance);
        Clock = new ServiceClock(Time);
        var forwarding = new EnvelopeForwarding(Forwarder, () => Clock.Now);
        _checkpointKeys = new CheckpointKeys(
            Certifier, "relay.example", TimeSpan.FromSeconds(10), Time, NullLogger<CheckpointKeys>.Instance);
        _ring = new CheckpointKeyRing(Certifier);
        Early = new EarlyEnvelopes(
            (envelope, gathering, token) => Pipeline!.RelayAsync(envelope.Wire, envelope.TraceParent, Within, gathering, token),
            Time,
            TaskScheduler.Default,
            NullLogger<EarlyEnvelopes>.Instance);
        Ledgers = new NegotiationLedgers(
            Faults,
            _checkpointKeys,
            _ring,
            new EarlyReleases(new ReleaseForwarding(_directory, forwarding, new WorkerTallies(Time)), Early),
            Signals,
            Options.Create(new LedgerOptions { RelayName = "relay.example" }),
            Time,
            TaskScheduler.Default,
            () => 0,
            NullLogger<NegotiationLedgers>.Instance,
            Clock,
            Early.Moved);
        var verifier = new SignatureVerifier(Keys);
        var reader = new LedgerReader(Faults, _ring, "relay.example", TimeSpan.FromSeconds(10), Time);
        Pending = new PendingEnvelopes(Faults, TimeSpan.FromSeconds(10), verifier, reader, Time);
        Sweep = new PendingSweep(
            Faults, Pending, _directory, verifier, reader, Queue, Time, NullLogger<PendingSweep>.Instance);
        PendingReader = new PendingReader(Pending, _directory);
        _heads = new RecentHeads(reader, Time);
        Modes = new NegotiationModes(_directory, reader, Ledgers, _heads);
        Pipeline = new RelayPipeline(
            new ReadingRules(Options.Create(new EnvelopeOptions())),
            _directory,
            verifier,
            Ledgers,
            new ReceiptWaiters(Time),
            Early,
            Pending,
            forwarding,
            Modes,
            Time,
            Clock);
    }

    /// <summary>What the services say of the time: nothing unless a test does.</summary>
    public ServiceClock Clock { get; }

    public LocalCertifier Certifier { get; }

    public MemoryLedgerStore Store { get; }

    /// <summary>What everything reads and writes <see cref="Store"/> through.</summary>
    public FaultStore Faults { get; }

    public PendingEnvelopes Pending { get; }

    public PendingSweep Sweep { get; }

    public PendingReader PendingReader { get; }

    public NegotiationModes Modes { get; }

    /// <summary>What the sweep puts back.</summary>
    public RecordingQueue Queue { get; } = new();

    public RecordingSignals Signals { get; } = new();

    public NegotiationLedgers Ledgers { get; }

    public EarlyEnvelopes Early { get; }

    public ManualTimeProvider Time { get; } = new();

    public TestNegotiation Negotiation { get; }

    public FakeDirectorySource Source { get; } = new();

    public FakeKeySource Keys { get; } = new();

    public FakeForwarder Forwarder { get; } = new();

    public RelayPipeline Pipeline { get; }

    public ValueTask<Ruling> RelayAsync(ReadOnlyMemory<byte> wire) =>
        Pipeline.RelayAsync(wire, null, Within, gathering: null, TestContext.Current.CancellationToken);

    /// <summary>Has the clock go on by itself until the answer is called.</summary>
    public Func<Task> PumpClock()
    {
        var stop = new CancellationTokenSource();
        var pump = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Time.Advance(TimeSpan.FromMilliseconds(5));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            }
        });
        return async () =>
        {
            await stop.CancelAsync();
            await pump;
            stop.Dispose();
        };
    }

    public async ValueTask DisposeAsync()
    {
        // Commits that are finished then may have to wait for another worker's.
        var stop = PumpClock();
        await Early.DisposeAsync();
        await Ledgers.DisposeAsync();
        await stop();
        await _heads.DisposeAsync();
        await _directory.DisposeAsync();
        _ring.Dispose();
        await _checkpointKeys.DisposeAsync();
        if (_ownsCertifier) Certifier.Dispose();
    }
}
