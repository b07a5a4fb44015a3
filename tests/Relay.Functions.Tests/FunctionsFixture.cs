using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Settlement;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Core.Verification;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Live;
using Relay.Functions.Reading;
using Relay.Functions.Settlement;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests;

/// <summary>The core's services over fake ports.</summary>
internal sealed class FunctionsFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public FunctionsFixture()
    {
        Negotiation = new TestNegotiation(Time.GetUtcNow());
        Queue = new FakeQueue(Acts);
        Actions = new FakeActions(Acts);
        foreach (var mediator in new[] { "qatar", "oman", "swiss" })
        {
            Keys.Keys[TestNegotiation.KeyId(mediator)] = new KeyLookup(KeyStatus.Usable, Negotiation.VerificationKeyOf(mediator));
        }

        Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(TestNegotiation.Document())
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IDirectoryDocumentSource>(Source);
        services.AddSingleton<IPublicKeySource>(Keys);
        services.AddSingleton<IEnvelopeForwarder>(Forwarder);
        services.AddSingleton<IEnvelopeQueue>(Queue);
        services.AddSingleton<ILedgerStore>(Store);
        services.AddSingleton<ICheckpointCertifier>(Certifier);
        services.AddSingleton<ILedgerSignals>(new RecordingSignals());
        services.AddSingleton(new RetryBackoff(() => 0));
        services.AddSingleton<EnvelopeSettler>();
        services.AddSingleton<Parking>();
        services.AddSingleton<StatsReader>();
        services.AddSingleton<LiveFeeds>();
        services.AddSingleton<EnvelopeProcessor>();
        services.AddUnhurriedStrangers();
        services.AddRelayCore(new ConfigurationBuilder().Build());
        _services = services.BuildServiceProvider();
    }

    public ManualTimeProvider Time { get; } = new();

    public TestNegotiation Negotiation { get; }

    public FakeDirectorySource Source { get; } = new();

    public FakeKeySource Keys { get; } = new();

    public FakeForwarder Forwarder { get; } = new();

    public MemoryLedgerStore Store { get; } = new();

    public LocalCertifier Certifier { get; } = new();

    /// <summary>What happened to messages.</summary>
    public Acts Acts { get; } = new();

    public FakeQueue Queue { get; }

    public FakeActions Actions { get; }

    /// <summary>A new one, with a part of it given.</summary>
    public T Create<T>(object part) => ActivatorUtilities.CreateInstance<T>(_services, part);

    public T Create<T>() => ActivatorUtilities.GetServiceOrCreateInstance<T>(_services);

    /// <summary>A message whose lock does not end.</summary>
    public static ServiceBusReceivedMessage Message(byte[] body, params (string Name, object Value)[] properties) =>
        Message(1, body, DateTimeOffset.MaxValue, properties);

    public static ServiceBusReceivedMessage Message(
        long number, byte[] body, DateTimeOffset lockedUntil, params (string Name, object Value)[] properties) =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromBytes(body),
            messageId: "whatever the producer chose",
            correlationId: "secret",
            properties: properties.ToDictionary(property => property.Name, property => property.Value),
            lockTokenGuid: Guid.NewGuid(),
            lockedUntil: lockedUntil,
            sequenceNumber: number,
            deliveryCount: 1);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
