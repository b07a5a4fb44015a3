using System.Globalization;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Journal;

/// <summary>Random operations, then the same state from disk as in the memory of the engine that did them.</summary>
public sealed class RandomOperationsTests
{
    private const int Seeds = 40;
    private const int Operations = 300;

    private static readonly NamespaceTopology Topology = new()
    {
        Queues =
        [
            new QueueSettings
            {
                Name = "plain",
                MaxDeliveryCount = 1000,
                RequiresDuplicateDetection = true,
                DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1),
            },
            new QueueSettings { Name = "sessions", RequiresSession = true, MaxDeliveryCount = 1000 },
            new QueueSettings { Name = "short", DeadLetteringOnMessageExpiration = true },
        ],
        Topics =
        [
            new TopicSettings
            {
                Name = "news",
                RequiresDuplicateDetection = true,
                DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1),
                Subscriptions =
                [
                    new SubscriptionSettings { Name = "one", MaxDeliveryCount = 1000 },
                    new SubscriptionSettings { Name = "two", MaxDeliveryCount = 1000 },
                ],
            },
        ],
    };

    [Fact]
    public async Task Reopen_AfterRandomOperations_HasTheSameState()
    {
        var first = Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + Seeds - 1}");
        for (var seed = first; seed < first + Seeds; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        using var fixture = new JournalFixture { Topology = Topology };
        var random = new Random(seed);

        // All contents in memory, some of them, or none.
        fixture.Window = new ContentWindow(
            random.Next(3) switch { 0 => int.MaxValue, 1 => random.Next(1, 6), _ => 0 },
            random.Next(2) == 0 ? long.MaxValue : random.Next(20_000));
        await using var before = fixture.Open();
        var play = new Play(before, fixture, random);
        for (var count = random.Next(Operations); count > 0; count--)
        {
            play.Step();
        }

        Assert.True(await before.StoredAsync(before.Entities.Queues[2].Send([EntityFixture.Message("end")], null)));
        fixture.Window = random.Next(2) == 0 ? null : new ContentWindow(0, 0);
        await using var after = fixture.Open(fixture.Copy("after"));

        var (expected, actual) = (Describe(before, play.Held), Describe(after, []));
        Assert.True(
            expected.SequenceEqual(actual),
            $"seed {seed}:\nexpected\n{string.Join('\n', expected.Except(actual))}\ngot\n{string.Join('\n', actual.Except(expected))}");

        // What shows only in what happens next: numbers, and ids that were seen.
        Assert.True(SendAll(before).SequenceEqual(SendAll(after)), $"seed {seed}: numbers go on from elsewhere");
        (expected, actual) = (Describe(before, play.Held), Describe(after, []));
        Assert.True(expected.SequenceEqual(actual), $"seed {seed}: duplicates are told differently");
        Assert.True(States(before).SequenceEqual(States(after)), $"seed {seed}: session states differ");
    }

    private static List<string> States(JournalFixture.Engine engine)
    {
        var sessions = engine.Entities.Queues[1].Messages.Sessions!;
        var states = new List<string>();
        foreach (var id in sessions.List(default, 0, int.MaxValue))
        {
            // One that is held already is as good.
            sessions.Accept(id, new SessionConsumer(), ReceiveMode.PeekLock);
            Assert.Equal(EntityFault.None, sessions.TryGetState(id, out var state));
            states.Add($"{id} {(state is { } bytes ? Hex(bytes) : "none")}");
        }

        return states;
    }

    private static List<long> SendAll(JournalFixture.Engine engine)
    {
        var numbers = new List<long>();
        for (var id = 0; id < Play.Ids; id++)
        {
            engine.Entities.Queues[0].Send([EntityFixture.Message($"ID{id}")], numbers);
            engine.Entities.Topics[0].Send([EntityFixture.Message($"ID{id}")], numbers);
        }

        foreach (var queue in engine.Entities.Queues)
        {
            queue.Send([EntityFixture.Message("last") with { SessionId = "s0" }], numbers);
        }

        return numbers;
    }

    private static List<string> Describe(JournalFixture.Engine engine, HashSet<(MessageStore, long)> held)
    {
        var lines = new List<string>();
        foreach (var store in Play.Stores(engine))
        {
            foreach (var message in store.Numbered.Peek(0, int.MaxValue, long.MaxValue, null))
            {
                // A lock that is held in a queue without sessions counts as a failed delivery at the next start.
                var count = message.DeliveryCount + (held.Contains((store, message.SequenceNumber)) ? 1 : 0);
                var content = message.Content;
                lines.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{store.Path} #{message.SequenceNumber} first {message.EnqueueSequenceNumber} at {message.EnqueuedTime:O} "
                        + $"count {count} {message.State} from {message.DeadLetterSource} "
                    + $"id {content.MessageId} session {content.SessionId} ttl {content.TimeToLive} due "
                        + $"{content.ScheduledEnqueueTime:O} {content.Durable} {content.Priority} "
                    + $"{content.AnnotationCount} {Hex(content.Annotations)} {Hex(content.Properties)} "
                        + $"{Hex(content.ApplicationProperties)} {Hex(content.Body)}"));
            }

            var counts = store.Count();
            lines.Add($"{store.Path} {counts}");
            foreach (var session in store.Sessions?.List(default, 0, int.MaxValue) ?? [])
            {
                lines.Add($"{store.Path} session {session}");
            }
        }

        foreach (var domain in engine.Entities.Queues.Select(queue => queue.Domain).Append(engine.Entities.Topics[0].Domain))
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"bytes {domain.Bytes}"));
        }

        return lines;
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);

    /// <summary>One engine being driven.</summary>
    private sealed class Play(JournalFixture.Engine engine, JournalFixture fixture, Random random)
    {
        public const int Ids = 60;

        private readonly MessageStore[] _stores = [.. Stores(engine)];
        private readonly List<(MessageStore Store, MessageSnapshot Message)> _locked = [];

        public HashSet<(MessageStore Store, long Number)> Held =>
            [.. _locked.Where(item => item.Store.Sessions is null).Select(item => (item.Store, item.Message.SequenceNumber))];

        public static IEnumerable<MessageStore> Stores(JournalFixture.Engine engine) =>
        [
            .. engine.Entities.Queues.SelectMany(queue => new[] { queue.Messages, queue.DeadLetters }),
            engine.Entities.Topics[0].Waiting,
            .. engine.Entities.Topics[0].Subscriptions.SelectMany(
                subscription => new[] { subscription.Messages, subscription.DeadLetters }),
        ];

        public void Step()
        {
            switch (random.Next(9))
            {
                case 0 or 1: Send(); break;
                case 2: Receive(); break;
                case 3 or 4: Settle(); break;
                case 5: ReceiveDeferred(); break;
                case 6: Cancel(); break;
                case 7: UseSession(); break;
                // Locks last a minute: at most 300 operations of less than 0.1 s each never end one, but pass times to live and schedules.
                default: fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(100))); break;
            }
        }

        private void Send()
        {
            var contents = new MessageContent[random.Next(1, 4)];
            for (var index = 0; index < contents.Length; index++)
            {
                contents[index] = Content();
            }

            ISendTarget target = random.Next(4) is var choice and < 3 ? engine.Entities.Queues[choice] : engine.Entities.Topics[0];
            target.Send(contents, null);
        }

        private MessageContent Content() => new()
        {
            MessageId = $"id{random.Next(Ids)}",
            SessionId = $"s{random.Next(5)}",
            Body = Bytes(3000),
            Annotations = Bytes(20),
            AnnotationCount = random.Next(3),
            Properties = Bytes(20),
            Durable = random.Next(2) == 0,
            Priority = random.Next(2) == 0 ? null : (byte)random.Next(10),
            ScheduledEnqueueTime = random.Next(4) == 0 ? fixture.Time.GetUtcNow().AddMilliseconds(random.Next(-100, 5000)) : null,
        };

        private byte[] Bytes(int max)
        {
            var bytes = new byte[random.Next(max)];
            random.NextBytes(bytes);
            return bytes;
        }

        private void Receive()
        {
            var store = Pick(_stores);

            // The expiring queue is not received from, so that what is held never expires.
            if (store.Path.StartsWith("short", StringComparison.Ordinal))
            {
                engine.Entities.Queues[2].Send(
                    [Content() with { TimeToLive = TimeSpan.FromMilliseconds(random.Next(1, 5000)), ScheduledEnqueueTime = null }], null);
                return;
            }

            if (store.Sessions is not null || store == engine.Entities.Topics[0].Waiting) return;
            var mode = random.Next(4) == 0 ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
            var consumer = new ListConsumer(store, mode);
            var messages = consumer.Receive(random.Next(1, 4));
            consumer.Receiver.Close();
            if (mode == ReceiveMode.PeekLock) _locked.AddRange(messages.Select(message => (store, message)));
        }

        private void Settle()
        {
            if (_locked.Count == 0) return;
            var index = random.Next(_locked.Count);
            var (store, message) = _locked[index];
            var properties = random.Next(2) == 0
                ? Array.Empty<KeyValuePair<string, object?>>()
                : [new($"key{random.Next(5)}", random.Next(100))];
            var settlement = new Settlement((SettlementKind)random.Next(5), properties);
            if (store.Settle(message.LockToken, settlement).Fault == EntityFault.None) _locked.RemoveAt(index);
        }

        private void ReceiveDeferred()
        {
            var store = Pick(_stores);
            if (store.Sessions is not null) return;
            var deferred = store.Numbered.Peek(0, int.MaxValue, long.MaxValue, null)
                .Where(message => message.State == MessageState.Deferred)
                .ToArray();
            if (deferred.Length == 0) return;
            var messages = new List<MessageSnapshot>();
            var mode = random.Next(4) == 0 ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
            store.Numbered.ReceiveDeferred([Pick(deferred).SequenceNumber], mode, null, messages);
            if (mode == ReceiveMode.PeekLock) _locked.AddRange(messages.Select(message => (store, message)));
        }

        private void Cancel()
        {
            var store = random.Next(2) == 0 ? engine.Entities.Queues[0].Messages : engine.Entities.Topics[0].Waiting;
            var scheduled = store.Numbered.Peek(0, int.MaxValue, long.MaxValue, null)
                .Where(message => message.State == MessageState.Scheduled)
                .ToArray();
            if (scheduled.Length > 0) store.Numbered.Cancel([Pick(scheduled).SequenceNumber]);
        }

        private void UseSession()
        {
            var store = engine.Entities.Queues[1].Messages;
            var consumer = new SessionConsumer();
            var id = $"s{random.Next(5)}";
            if (store.Sessions!.Accept(id, consumer, ReceiveMode.PeekLock) is not { } receiver) return;
            if (random.Next(2) == 0) store.Sessions.SetState(id, random.Next(3) == 0 ? null : Bytes(50));
            receiver.Grant(random.Next(3));
            var messages = new List<MessageSnapshot>();
            receiver.Collect(messages);
            foreach (var message in messages)
            {
                store.Settle(message.LockToken, new Settlement((SettlementKind)random.Next(5), []));
            }

            if (random.Next(10) > 0) receiver.Close();
        }

        private T Pick<T>(T[] items) => items[random.Next(items.Length)];
    }

    private sealed class SessionConsumer : IMessageConsumer
    {
        public void Wake()
        {
        }

        public void LoseSession()
        {
        }
    }
}
