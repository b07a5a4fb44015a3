using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.Functions.Tests.Triggers.ServiceBus;

/// <summary>Service Bus functions over AMQP, with the client library and the emulator in between.</summary>
public sealed class EmulatorTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _brokerTime = new(TimeProvider.System.GetUtcNow());
    private readonly Work _work = new();
    private ServiceBusEmulator _emulator = null!;
    private ServiceBusClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                TimeProvider = _brokerTime,
                Topology = new NamespaceTopology
                {
                    Queues = [new QueueSettings { Name = "q", MaxDeliveryCount = 3 }],
                    Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] }],
                },
            },
            Cancel);
        _client = new ServiceBusClient(_emulator.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task Queue_200Messages_EachRunsOnceWithinTheConcurrency()
    {
        await SendAsync("q", 200);
        _work.OnMessage = async (message, actions, token) =>
        {
            // Lets the other calls in, so that the highest number of them is seen.
            await Task.Yield();
            await actions.CompleteMessageAsync(message, token);
        };
        await using var host = await StartAsync(typeof(QueueFunction));

        await TestDeadline.Until(() => _work.Ended == 200, "200 messages are done");

        Assert.Equal(Enumerable.Range(0, 200).Select(Id).Order(), _work.Seen.Select(message => message.MessageId).Order());
        Assert.InRange(_work.Highest, 2, 8);
        await EmptyAsync("q");
    }

    [Fact]
    public async Task Queue_FunctionThrows_IsDeliveredAgainAndAtLastDeadLettered()
    {
        _work.OnMessage = (_, _, _) => throw new InvalidTimeZoneException();
        await using var host = await StartAsync(typeof(QueueFunction), typeof(DeadLetterFunction));

        await SendAsync("q", 1);
        var dead = await TestDeadline.Within(_work.Dead.Task);

        Assert.Equal([1, 2, 3], _work.Seen.Select(message => message.DeliveryCount));
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
    }

    [Fact]
    public async Task Queue_FunctionDeadLetters_ReasonAndDescriptionArrive()
    {
        _work.OnMessage = (message, actions, token) =>
            actions.DeadLetterMessageAsync(message, deadLetterReason: "malformed", deadLetterErrorDescription: "expected JSON", cancellationToken: token);
        await using var host = await StartAsync(typeof(QueueFunction), typeof(DeadLetterFunction));

        await SendAsync("q", 1);
        var dead = await TestDeadline.Within(_work.Dead.Task);

        Assert.Equal(("malformed", "expected JSON"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Single(_work.Seen);
    }

    [Fact]
    public async Task Queue_FunctionSettlesTwice_SecondIsRefusedWithTheWorkersTextForm()
    {
        SettlementException? refused = null;
        _work.OnMessage = async (message, actions, token) =>
        {
            await actions.CompleteMessageAsync(message, token);
            refused = await Assert.ThrowsAsync<SettlementException>(() => actions.CompleteMessageAsync(message, token));
        };
        await using var host = await StartAsync(typeof(QueueFunction));

        await SendAsync("q", 1);
        await TestDeadline.Until(() => _work.Ended == 1, "the message is done");

        Assert.Equal("Unknown", refused?.StatusCode);
        await EmptyAsync("q");
    }

    [Fact]
    public async Task Queue_FunctionSettlesNothing_LockLapsesAndItIsDeliveredAgain()
    {
        await using var host = await StartAsync(typeof(QueueFunction));
        await SendAsync("q", 1);
        await TestDeadline.Until(() => _work.Ended == 1, "the first delivery is done");

        _brokerTime.Advance(TimeSpan.FromSeconds(61));
        await TestDeadline.Until(() => _work.Ended == 2, "the second delivery is done");

        Assert.Equal([1, 2], _work.Seen.Select(message => message.DeliveryCount));
    }

    [Fact]
    public async Task Subscription_AutoComplete_CompletesWhatReturns()
    {
        await using var host = await StartAsync(typeof(TopicFunction));

        await SendAsync("t", 20);
        await TestDeadline.Until(() => _work.Ended == 20, "20 messages are done");

        await EmptyAsync("t/Subscriptions/s");
        Assert.All(_work.Seen, message => Assert.Equal(1, message.DeliveryCount));
    }

    [Fact]
    public async Task Queue_SlowFunction_KeepsItsLock()
    {
        // The broker's clock stands such that the lock it gives ends two seconds from now by the client's: renewal is due at once.
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(58));
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, TimeProvider = time, Topology = new NamespaceTopology { Queues = [new QueueSettings { Name = "q" }] } },
            Cancel);
        await using var client = new ServiceBusClient(emulator.ConnectionString);
        _work.OnMessage = async (message, actions, token) =>
        {
            await release.Task;
            await actions.CompleteMessageAsync(message, token);
        };
        await using var host = await Test(emulator).StartAsync(typeof(QueueFunction));
        await using var sender = client.CreateSender("q");
        await sender.SendMessageAsync(new ServiceBusMessage("slow"), Cancel);
        await TestDeadline.Until(() => _work.Seen.Count == 1, "the function runs");
        var message = _work.Seen.Single();
        var first = message.LockedUntil;

        time.Advance(TimeSpan.FromSeconds(40));
        await TestDeadline.Until(() => message.LockedUntil > first, "the lock is renewed");
        time.Advance(TimeSpan.FromSeconds(30));
        release.SetResult();
        await TestDeadline.Until(() => _work.Ended == 1, "the function ends");

        // 70 s after a lock of 60 s was given: without the renewal it would have been delivered a second time.
        await TestDeadline.Until(() => emulator.Snapshot().Entities.All(entity => entity.Active == 0), "the queue is empty");
        Assert.Single(_work.Seen);
    }

    [Fact]
    public async Task Stop_MidFlight_LosesNothing()
    {
        await SendAsync("q", 100);
        var entered = 0;
        _work.OnMessage = async (message, actions, token) =>
        {
            // Some are cut off by the stop, some settle in spite of it.
            if (Interlocked.Increment(ref entered) % 3 == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, token);
            }

            await actions.CompleteMessageAsync(message, CancellationToken.None);
            _work.Done.Add(message.MessageId);
        };
        await using (await StartAsync(typeof(QueueFunction)))
        {
            await TestDeadline.Until(() => Volatile.Read(ref entered) >= 30, "the host is in the midst of it");
        }

        var before = _work.Done.Count;
        await using var second = await StartAsync(typeof(QueueFunction));
        var (done, since) = (0, TimeProvider.System.GetTimestamp());
        await TestDeadline.Until(
            () =>
            {
                // Whatever was on its way when the host stopped comes back when its lock lapses. Only when nothing moves: a lapse under a slow
                // machine's feet costs a message one of its ten deliveries.
                if (_work.Done.Count > done) (done, since) = (_work.Done.Count, TimeProvider.System.GetTimestamp());
                if (TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(2))
                {
                    _brokerTime.Advance(TimeSpan.FromSeconds(61));
                    since = TimeProvider.System.GetTimestamp();
                }

                return _work.Done.Distinct().Count() == 100;
            },
            "every message is done");

        Assert.InRange(before, 1, 99);
        Assert.Equal(100, _work.Done.Count);
        Assert.All(_emulator.Snapshot().Entities, entity => Assert.Equal(0, entity.DeadLettered));
    }

    [Fact]
    public async Task Start_EntityIsMissing_OthersRunAndItIsLogged()
    {
        var test = Test(_emulator);
        await using var host = await test.StartAsync(typeof(QueueFunction), typeof(MissingFunction));
        _work.OnMessage = (message, actions, token) => actions.CompleteMessageAsync(message, token);

        await SendAsync("q", 1);
        await TestDeadline.Until(() => _work.Ended == 1, "the other function runs");
        await TestDeadline.Until(() => test.Logs.Entries.Any(entry => entry.Id == 7201), "the missing queue is logged");

        var logged = test.Logs.Entries.First(entry => entry.Id == 7201);
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, Assert.IsType<ServiceBusException>(logged.Exception).Reason);
        Assert.Contains("MissingFunction", logged.Message, StringComparison.Ordinal);
    }

    private Task<FunctionsHost> StartAsync(params Type[] functions) => Test(_emulator).StartAsync(functions);

    private TestHost Test(ServiceBusEmulator emulator) => new TestHost
    {
        HostJson = """{ "version": "2.0", "extensions": { "serviceBus": { "autoCompleteMessages": false, "maxConcurrentCalls": 8 } } }""",
        Services = services => services.AddSingleton(_work),
    }.With("Bus", emulator.ConnectionString);

    private async Task SendAsync(string entity, int count)
    {
        await using var sender = _client.CreateSender(entity);
        await sender.SendMessagesAsync(Enumerable.Range(0, count).Select(index => new ServiceBusMessage("body") { MessageId = Id(index) }), Cancel);
    }

    private Task EmptyAsync(string entity) => TestDeadline.Until(
        () => _emulator.Snapshot().Entities.Single(snapshot => snapshot.Path == entity).Active == 0, $"{entity} is empty");

    private static string Id(int index) => $"m{index:000}";

    public sealed class Work
    {
        private int _running;
        private int _highest;
        private int _ended;

        public ConcurrentQueue<ServiceBusReceivedMessage> Seen { get; } = [];

        public ConcurrentBag<string> Done { get; } = [];

        public TaskCompletionSource<ServiceBusReceivedMessage> Dead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Highest => Volatile.Read(ref _highest);

        public int Ended => Volatile.Read(ref _ended);

        public Func<ServiceBusReceivedMessage, ServiceBusMessageActions, CancellationToken, Task> OnMessage { get; set; } = static (_, _, _) => Task.CompletedTask;

        public async Task RunAsync(ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
        {
            Seen.Enqueue(message);
            var running = Interlocked.Increment(ref _running);
            for (var highest = Highest; running > highest && Interlocked.CompareExchange(ref _highest, running, highest) != highest; highest = Highest)
            {
            }

            try
            {
                await OnMessage(message, actions, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
                Interlocked.Increment(ref _ended);
            }
        }
    }

    public sealed class QueueFunction(Work work)
    {
        [Function("QueueFunction")]
        public Task Run(
            [ServiceBusTrigger("q", Connection = "Bus")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken) =>
            work.RunAsync(message, actions, cancellationToken);
    }

    public sealed class DeadLetterFunction(Work work)
    {
        [Function("DeadLetterFunction")]
        public void Run([ServiceBusTrigger("q/$DeadLetterQueue", Connection = "Bus", AutoCompleteMessages = true)] ServiceBusReceivedMessage message) =>
            work.Dead.TrySetResult(message);
    }

    public sealed class TopicFunction(Work work)
    {
        [Function("TopicFunction")]
        public Task Run(
            [ServiceBusTrigger("t", "s", Connection = "Bus", AutoCompleteMessages = true)] ServiceBusReceivedMessage message,
            ServiceBusMessageActions actions,
            CancellationToken cancellationToken) => work.RunAsync(message, actions, cancellationToken);
    }

    public sealed class MissingFunction
    {
        [Function("MissingFunction")]
        public static void Run([ServiceBusTrigger("nowhere", Connection = "Bus")] string body)
        {
        }
    }
}
