using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// Base of the Service Bus cases: a namespace and a client, through the
/// official API only. The namespace is an emulator of the test's own unless the
/// environment variable RELAY_CONFORMANCE_SERVICEBUS holds a connection string; README.md lists the entities that are then expected.
/// </summary>
public abstract class ServiceBusConformance : IAsyncLifetime
{
    /// <summary>Environment variable with the connection string of another namespace.</summary>
    public const string Variable = "RELAY_CONFORMANCE_SERVICEBUS";

    /// <summary>Environment variable with the connection string for administration, where it is another.</summary>
    public const string AdminVariable = "RELAY_CONFORMANCE_SERVICEBUS_ADMIN";

    protected const string Queue = "conformance";
    protected const string DedupQueue = "conformance-dedup";
    protected const string SessionQueue = "conformance-sessions";
    protected const string ForwardQueue = "conformance-forward";
    protected const string RefusedForwardQueue = "conformance-forward-refused";
    protected const string Topic = "conformance-topic";
    protected const string AllSubscription = "all";
    protected const string OtherSubscription = "other";

    /// <summary>Of every entity.</summary>
    protected static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);

    /// <summary>Of every entity.</summary>
    protected const int MaxDeliveryCount = 3;

    /// <summary>Of <see cref="DedupQueue"/>.</summary>
    protected static readonly TimeSpan DedupWindow = TimeSpan.FromMinutes(1);

    /// <summary>Of every entity: the Standard tier's.</summary>
    protected const int MaxMessageBytes = 256 * 1024;

    /// <summary>Generous: what is there comes in milliseconds from an emulator.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(120);

    /// <summary>How long a receiver looks before it says that nothing is there.</summary>
    protected static readonly TimeSpan Briefly = TimeSpan.FromMilliseconds(
        Environment.GetEnvironmentVariable(Variable) is null ? 200 : 5000);

    private readonly List<IAsyncDisposable> _owned = [];
    private ManualTimeProvider? _clock;
    private ServiceBusEmulator? _emulator;

    /// <summary>What the namespace is reached with.</summary>
    protected string ConnectionString { get; private set; } = "";

    /// <summary>
    /// What its administration, and AMQP over WebSockets, are reached with; null where <see cref="NeedsAdminPort"/> is false.
    /// </summary>
    protected string? AdminConnectionString { get; private set; }

    /// <summary>A client with the default options.</summary>
    protected ServiceBusClient Client { get; private set; } = null!;

    /// <summary>The namespace's clock, which the test moves; the test is skipped where time cannot be moved.</summary>
    protected ManualTimeProvider Clock
    {
        get
        {
            Assert.SkipWhen(_clock is null, $"The case moves the namespace's clock, which the one {Variable} names does not allow.");
            return _clock;
        }
    }

    /// <summary>Whether the case uses more than messaging.</summary>
    protected virtual bool NeedsAdminPort => false;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString)
        {
            ConnectionString = connectionString;
            AdminConnectionString = Environment.GetEnvironmentVariable(AdminVariable) ?? ConnectionString;
            Client = new ServiceBusClient(ConnectionString);
            await PurgeAsync();
            return;
        }

        // Starts now: clients compare the locks' ends with their own clock.
        _clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        _emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                AdminPort = NeedsAdminPort ? 0 : null,
                Topology = Entities(),
                TimeProvider = _clock,
                MaxMessageBytes = MaxMessageBytes,
            }, Cancel);
        ConnectionString = _emulator.ConnectionString;
        AdminConnectionString = _emulator.AdminConnectionString;
        Client = new ServiceBusClient(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        await Client.DisposeAsync();
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes something with the test, before the client and the namespace.</summary>
    protected T Own<T>(T disposable)
        where T : IAsyncDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    protected ServiceBusSender Sender(string entity = Queue) => Own(Client.CreateSender(entity));

    protected ServiceBusReceiver Receiver(
        string entity = Queue,
        ServiceBusReceiveMode mode = ServiceBusReceiveMode.PeekLock,
        SubQueue subQueue = SubQueue.None,
        int prefetch = 0) =>
        Own(
            Client.CreateReceiver(
                entity, new ServiceBusReceiverOptions { ReceiveMode = mode, SubQueue = subQueue, PrefetchCount = prefetch }));

    protected ServiceBusReceiver DeadLetters(string entity = Queue) => Receiver(entity, subQueue: SubQueue.DeadLetter);

    protected async Task SendAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            await Sender().SendMessageAsync(new ServiceBusMessage($"body of {id}") { MessageId = id }, Cancel);
        }
    }

    /// <summary>Receives a message that must be there.</summary>
    protected static async Task<ServiceBusReceivedMessage> NextAsync(ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(Soon, Cancel)
            ?? throw new TimeoutException($"No message came from {receiver.EntityPath} within {Soon}.");

    /// <summary>Fails when there is a message.</summary>
    protected static async Task EmptyAsync(ServiceBusReceiver receiver)
    {
        var message = await receiver.ReceiveMessageAsync(Briefly, Cancel);
        Assert.True(message is null, $"Nothing was expected from {receiver.EntityPath}, but '{message?.MessageId}' came.");
    }

    protected static async Task FailsAsync(ServiceBusFailureReason reason, Func<Task> operation)
    {
        var exception = await Assert.ThrowsAsync<ServiceBusException>(operation);
        Assert.Equal(reason, exception.Reason);
    }

    private static NamespaceTopology Entities()
    {
        var subscription = new SubscriptionSettings
        {
            Name = AllSubscription,
            LockDuration = LockDuration,
            MaxDeliveryCount = MaxDeliveryCount,
            DeadLetteringOnMessageExpiration = true,
        };
        var queue = new QueueSettings
        {
            Name = Queue,
            LockDuration = LockDuration,
            MaxDeliveryCount = MaxDeliveryCount,
            DeadLetteringOnMessageExpiration = true,
        };
        return new NamespaceTopology
        {
            Queues =
            [
                queue,
                queue with { Name = DedupQueue, RequiresDuplicateDetection = true, DuplicateDetectionHistoryTimeWindow = DedupWindow },
                queue with { Name = SessionQueue, RequiresSession = true },
                queue with { Name = ForwardQueue, ForwardTo = Queue, ForwardDeadLetteredMessagesTo = Queue },
                queue with { Name = RefusedForwardQueue, ForwardTo = SessionQueue },
            ],
            Topics = [new TopicSettings { Name = Topic, Subscriptions = [subscription, subscription with { Name = OtherSubscription }] }],
        };
    }

    // Another run may have left messages in a namespace that outlives it.
    private async Task PurgeAsync()
    {
        foreach (var queue in new[] { Queue, DedupQueue })
        {
            await PurgeAsync(options => Client.CreateReceiver(queue, options));
        }

        await PurgeSessionsAsync();
        foreach (var subscription in new[] { AllSubscription, OtherSubscription })
        {
            await PurgeAsync(options => Client.CreateReceiver(Topic, subscription, options));
        }
    }

    private async Task PurgeSessionsAsync()
    {
        await using var impatient = new ServiceBusClient(
            ConnectionString,
            new ServiceBusClientOptions
            {
                RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(3), MaxRetries = 0 },
            });
        try
        {
            while (true)
            {
                await using var session = await impatient.AcceptNextSessionAsync(
                    SessionQueue, new ServiceBusSessionReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }, Cancel);
                await session.SetSessionStateAsync(null, Cancel);
                while ((await session.ReceiveMessagesAsync(100, TimeSpan.FromSeconds(2), Cancel)).Count > 0)
                {
                    // Gone by being received.
                }
            }
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.ServiceTimeout)
        {
            // No session has messages.
        }

        await using var letters = Client.CreateReceiver(
            SessionQueue,
            new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete, SubQueue = SubQueue.DeadLetter });
        while ((await letters.ReceiveMessagesAsync(100, TimeSpan.FromSeconds(2), Cancel)).Count > 0)
        {
            // Gone by being received.
        }
    }

    private static async Task PurgeAsync(Func<ServiceBusReceiverOptions, ServiceBusReceiver> create)
    {
        foreach (var subQueue in new[] { SubQueue.None, SubQueue.DeadLetter })
        {
            await using var receiver = create(
                new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete, SubQueue = subQueue });
            while ((await receiver.ReceiveMessagesAsync(100, TimeSpan.FromSeconds(2), Cancel)).Count > 0)
            {
                // Gone by being received.
            }
        }
    }
}
