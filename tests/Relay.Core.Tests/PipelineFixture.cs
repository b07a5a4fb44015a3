using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Core.Early;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Reading;
using Relay.Core.Rulings;
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
    private readonly CheckpointKeys _checkpointKeys;
    private readonly CheckpointKeyRing _ring;

    public PipelineFixture()
    {
        Negotiation = new TestNegotiation(Time.GetUtcNow());
        foreach (var mediator in new[] { "qatar", "oman", "swiss" })
        {
            Keys.Keys[TestNegotiation.KeyId(mediator)] = new KeyLookup(KeyStatus.Usable, Negotiation.VerificationKeyOf(mediator));
        }

        Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(TestNegotiation.Document())
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
        _directory = new NegotiationDirectory(
            Source, Options.Create(new DirectoryOptions()), Time, NullLogger<NegotiationDirectory>.Instance);
        var forwarding = new EnvelopeForwarding(Forwarder, Time);
        _checkpointKeys = new CheckpointKeys(
            Certifier, "relay.example", TimeSpan.FromSeconds(10), Time, NullLogger<CheckpointKeys>.Instance);
        _ring = new CheckpointKeyRing(Certifier);
        Early = new EarlyEnvelopes(
            (envelope, gathering, token) => Pipeline!.RelayAsync(envelope.Wire, envelope.TraceParent, Within, gathering, token),
            Time,
            TaskScheduler.Default,
            NullLogger<EarlyEnvelopes>.Instance);
        Ledgers = new NegotiationLedgers(
            Store,
            _checkpointKeys,
            _ring,
            new EarlyReleases(new ReleaseForwarding(_directory, forwarding), Early),
            Signals,
            Options.Create(new LedgerOptions { RelayName = "relay.example" }),
            Time,
            TaskScheduler.Default,
            () => 0,
            NullLogger<NegotiationLedgers>.Instance,
            moved: Early.Moved);
        Pipeline = new RelayPipeline(
            new ReadingRules(Options.Create(new EnvelopeOptions())), _directory, new SignatureVerifier(
                Keys), Ledgers, new ReceiptWaiters(Time), Early, forwarding, Time);
    }

    public LocalCertifier Certifier { get; } = new();

    public MemoryLedgerStore Store { get; } = new();

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

    public async ValueTask DisposeAsync()
    {
        await Early.DisposeAsync();
        await Ledgers.DisposeAsync();
        await _directory.DisposeAsync();
        _ring.Dispose();
        await _checkpointKeys.DisposeAsync();
        Certifier.Dispose();
    }
}
