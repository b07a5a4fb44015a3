using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Reading;
using Relay.Core.Verification;
using Relay.Testing;

namespace Relay.Core.Tests;

/// <summary>The real pipeline over fake ports, with the mediators' keys usable and the directory readable.</summary>
internal sealed class PipelineFixture : IAsyncDisposable
{
    private readonly NegotiationDirectory _directory;

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
        _directory = new NegotiationDirectory(Source, Options.Create(new DirectoryOptions()), Time, NullLogger<NegotiationDirectory>.Instance);
        Pipeline = new RelayPipeline(
            new EnvelopeReader(Options.Create(new EnvelopeOptions())), _directory, new SignatureVerifier(Keys), new EnvelopeForwarding(Forwarder, Time), Time);
    }

    public ManualTimeProvider Time { get; } = new();

    public TestNegotiation Negotiation { get; }

    public FakeDirectorySource Source { get; } = new();

    public FakeKeySource Keys { get; } = new();

    public FakeForwarder Forwarder { get; } = new();

    public RelayPipeline Pipeline { get; }

    public ValueTask<Ruling> RelayAsync(ReadOnlyMemory<byte> wire) => Pipeline.RelayAsync(wire, null, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _directory.DisposeAsync();
}
