using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;

namespace Emulator.Conformance.ServiceBus;

/// <summary>A namespace that is told to be busy: the client knows it for what the service does.</summary>
public sealed class BusyTests
{
    [Fact]
    public async Task Calls_WhileBusy_AreRefusedAndNotDone()
    {
        var cancel = TestContext.Current.CancellationToken;
        var busy = false;
        var topology = new NamespaceTopology { Queues = [new QueueSettings { Name = "q" }] };
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new() { AmqpPort = 0, Topology = topology, IsBusy = () => busy }, cancel);
        var options = new ServiceBusClientOptions { RetryOptions = new() { MaxRetries = 0 } };
        await using var client = new ServiceBusClient(emulator.ConnectionString, options);
        await using var sender = client.CreateSender("q");
        await sender.SendMessageAsync(new ServiceBusMessage("taken"), cancel);
        busy = true;
        await IsBusyAsync(() => sender.SendMessageAsync(new ServiceBusMessage("refused"), cancel));
        await using var other = client.CreateSender("q");
        await IsBusyAsync(() => other.SendMessageAsync(new ServiceBusMessage("no link"), cancel));
        await using var receiver = client.CreateReceiver("q");
        await IsBusyAsync(() => receiver.PeekMessageAsync(cancellationToken: cancel));
        busy = false;
        await using var next = client.CreateReceiver("q");
        Assert.Equal("taken", (await next.ReceiveMessageAsync(cancellationToken: cancel)).Body.ToString());
        Assert.Equal(1, emulator.Snapshot().Entities.Single().Active);
    }

    private static async Task IsBusyAsync(Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<ServiceBusException>(call);
        Assert.Equal(ServiceBusFailureReason.ServiceBusy, exception.Reason);
    }
}
