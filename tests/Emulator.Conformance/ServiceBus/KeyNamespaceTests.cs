using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;

namespace Emulator.Conformance.ServiceBus;

/// <summary>Namespaces by the name of the key: each has the topology for itself, and is there when its name first comes.</summary>
public sealed class KeyNamespaceTests : IAsyncLifetime
{
    private const int Namespaces = 20;

    private ServiceBusEmulator _emulator = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _emulator = await ServiceBusEmulator.StartAsync(
        new()
        {
            AmqpPort = 0,
            NamespacePerKeyName = true,
            Topology = new NamespaceTopology
            {
                Queues = [new QueueSettings { Name = "q" }],
                Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] }],
            },
        },
        Cancel);

    public ValueTask DisposeAsync() => _emulator.DisposeAsync();

    [Fact]
    public async Task Messages_OfOneKeyName_AreThatNamesAlone()
    {
        await SendAsync(ServiceBusEmulator.DefaultKeyName, "ours");
        await SendAsync("test-1", "one");
        await SendAsync("test-2", "two");
        await using var client = new ServiceBusClient(Connection("test-1"));
        await using var receiver = client.CreateReceiver("q");
        Assert.Equal("one", (await receiver.ReceiveMessageAsync(cancellationToken: Cancel)).Body.ToString());
        Assert.Null(await receiver.PeekMessageAsync(fromSequenceNumber: 2, Cancel));
        Assert.Equal(1, _emulator.Snapshot().Entities[0].Active);
        Assert.Equal(1, _emulator.Snapshot("test-2")!.Entities[0].Active);
        Assert.Null(_emulator.Snapshot("test-3"));
    }

    [Fact]
    public async Task Namespaces_OfManyKeyNames_AreMadeAsTheyCome()
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Namespaces; i++) await SendAsync($"test-{i}", "first");
        var each = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds / Namespaces;
        TestContext.Current.SendDiagnosticMessage("{0:0.0} ms for a client, a namespace and a first message", each);
        Assert.All(Enumerable.Range(0, Namespaces), i => Assert.Equal(1, _emulator.Snapshot($"test-{i}")!.Entities[0].Active));
    }

    private string Connection(string keyName) =>
        _emulator.ConnectionString.Replace(ServiceBusEmulator.DefaultKeyName, keyName, StringComparison.Ordinal);

    private async Task SendAsync(string keyName, string text)
    {
        await using var client = new ServiceBusClient(Connection(keyName));
        await using var sender = client.CreateSender("q");
        await sender.SendMessageAsync(new ServiceBusMessage(text), Cancel);
    }
}
