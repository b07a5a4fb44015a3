using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// What clients do when the connection breaks. The cut is made in a proxy
/// before the emulator; a namespace behind TLS cannot be reached through it.
/// </summary>
public sealed class ReconnectTests : ServiceBusConformance
{
    /// <summary>Senders and receivers open their links again when next used.</summary>
    [Fact]
    public async Task SendAndReceive_AfterACut_WorkAgain()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        var sender = client.CreateSender(Queue);
        var receiver = client.CreateReceiver(Queue);
        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "before" }, Cancel);
        await receiver.CompleteMessageAsync(await NextAsync(receiver), Cancel);

        proxy.Cut();
        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "after" }, Cancel);

        Assert.Equal("after", (await NextAsync(receiver)).MessageId);
        Assert.Equal(2, proxy.Accepted);
    }

    /// <summary>A receive that waits survives a cut: it goes on waiting on a new link.</summary>
    [Fact]
    public async Task ReceiveMessage_CutWhileWaiting_StillGetsTheMessage()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        var receiver = client.CreateReceiver(Queue);
        await EmptyAsync(receiver);
        var waiting = NextAsync(receiver);

        proxy.Cut();
        await TestDeadline.Until(() => proxy.Accepted == 2, "the new connection");
        await SendAsync("a");
        await FreeAsync(waiting);

        Assert.Equal("a", (await waiting).MessageId);
    }

    /// <summary>Sends cut off are retried: each message arrives at least once, and no send fails.</summary>
    [Fact]
    public async Task SendMessage_CutWhileManyAreUnderWay_AllArrive()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        var sender = client.CreateSender(Queue);
        await sender.SendMessageAsync(new ServiceBusMessage { MessageId = "warm" }, Cancel);
        var ids = Enumerable.Range(0, 300).Select(number => $"m{number:000}").ToList();

        var sends = ids.Select(id => sender.SendMessageAsync(new ServiceBusMessage(new byte[2000]) { MessageId = id }, Cancel)).ToList();
        await Task.WhenAny(sends);
        proxy.Cut();
        await TestDeadline.Within(Task.WhenAll(sends));

        var arrived = new HashSet<string>();
        var receiver = Receiver(mode: ServiceBusReceiveMode.ReceiveAndDelete);
        while (arrived.Count < ids.Count + 1)
        {
            var messages = await receiver.ReceiveMessagesAsync(500, Soon, Cancel);
            Assert.NotEmpty(messages);
            arrived.UnionWith(messages.Select(message => message.MessageId));
        }
    }

    /// <summary>A lock outlives the link it came by: the message is settled over the management node.</summary>
    [Fact]
    public async Task Settle_AfterTheLinkIsGone_Works()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        await SendAsync("complete", "dead-letter", "abandon");
        var receiver = client.CreateReceiver(Queue);
        ServiceBusReceivedMessage[] messages = [await NextAsync(receiver), await NextAsync(receiver), await NextAsync(receiver)];

        // The send needs a new connection, so the client knows that the old one is gone:
        // on a link that it still believes in, a settlement fails as MessageLockLost.
        proxy.Cut();
        await client.CreateSender(DedupQueue).SendMessageAsync(new ServiceBusMessage(), Cancel);
        await receiver.CompleteMessageAsync(messages[0], Cancel);
        await receiver.DeadLetterMessageAsync(messages[1], "reason", "description", Cancel);
        await receiver.AbandonMessageAsync(messages[2], new Dictionary<string, object> { ["add"] = 1 }, Cancel);

        var again = await NextAsync(Receiver());
        Assert.Equal(("abandon", 2, 1), (again.MessageId, again.DeliveryCount, again.ApplicationProperties["add"]));
        var dead = await NextAsync(DeadLetters());
        Assert.Equal(("dead-letter", "reason", "description"), (dead.MessageId, dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        await EmptyAsync(Receiver());
    }

    /// <summary>A lock is renewed after a cut too.</summary>
    [Fact]
    public async Task RenewMessageLock_AfterTheLinkIsGone_Works()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        await SendAsync("a");
        var receiver = client.CreateReceiver(Queue);
        var message = await NextAsync(receiver);

        proxy.Cut();
        await receiver.RenewMessageLockAsync(message, Cancel);

        await receiver.CompleteMessageAsync(message, Cancel);
    }

    /// <summary>A processor goes on after a cut, without the application doing anything.</summary>
    [Fact]
    public async Task Processor_AfterACut_GoesOn()
    {
        await using var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        var handled = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var after = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var processor = client.CreateProcessor(Queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 4 });
        processor.ProcessMessageAsync += args =>
        {
            handled.Enqueue(args.Message.MessageId);
            if (args.Message.MessageId == "after")
            {
                after.TrySetResult();
            }

            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync(Cancel);
        await SendAsync("before");
        await TestDeadline.Until(() => handled.Contains("before"), "the first message");

        proxy.Cut();
        await SendAsync("after");

        await FreeAsync(after.Task);
    }

    /// <summary>A namespace that cannot be reached is ServiceCommunicationProblem, which is transient, after the retries.</summary>
    [Fact]
    public async Task SendMessage_NobodyListens_IsCommunicationProblem()
    {
        var proxy = Proxy();
        await using var client = ClientThrough(proxy);
        await proxy.DisposeAsync();

        var exception = await Assert.ThrowsAsync<ServiceBusException>(
            () => client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage(), Cancel));

        Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, exception.Reason);
        Assert.True(exception.IsTransient);
    }

    // The namespace may have handed the message to the old link before it noticed the cut; it then comes again when that lock ends.
    // Not too often: each end costs the message one of its three deliveries, and a busy machine takes its time with the one that counts.
    private async Task FreeAsync(Task arrived)
    {
        while (await Task.WhenAny(arrived, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel)) != arrived)
        {
            Cancel.ThrowIfCancellationRequested();
            Clock.Advance(LockDuration + TimeSpan.FromSeconds(1));
        }
    }

    private CuttableProxy Proxy()
    {
        var properties = ServiceBusConnectionStringProperties.Parse(ConnectionString);
        Assert.SkipUnless(
            ConnectionString.Contains("UseDevelopmentEmulator=true", StringComparison.OrdinalIgnoreCase),
            $"The connection is cut in a proxy that TLS of the namespace in {Variable} does not go through.");
        return new CuttableProxy(properties.Endpoint.Host, properties.Endpoint.Port < 0 ? 5672 : properties.Endpoint.Port);
    }

    // Retries soon: the cases are about whether, not when.
    private ServiceBusClient ClientThrough(CuttableProxy proxy)
    {
        var properties = ServiceBusConnectionStringProperties.Parse(ConnectionString);
        return new ServiceBusClient(
            $"Endpoint=sb://localhost:{proxy.Port};SharedAccessKeyName={properties.SharedAccessKeyName};SharedAccessKey={properties.SharedAccessKey};UseDevelopmentEmulator=true",
            new ServiceBusClientOptions
            {
                RetryOptions = new ServiceBusRetryOptions { Delay = TimeSpan.FromMilliseconds(20), MaxRetries = 5 },
            });
    }
}
