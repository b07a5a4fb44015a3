using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>Many of one thing in our broker, each time in a process of its own with a journal: entities, connections, sessions.</summary>
internal sealed class ScaleBench(TimeProvider time, IProgress<string> progress)
{
    private const int Clients = 8;
    private const int AtOnce = 64;
    private const int BodyBytes = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Figures in the order to print.</summary>
    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(
        int entities, int connections, int sessions, CancellationToken cancellationToken)
    {
        var figures = new List<(string, string)>();
        figures.AddRange(await EntitiesAsync(entities, cancellationToken));
        progress.Report("entities");
        figures.AddRange(await ConnectionsAsync(connections, cancellationToken));
        progress.Report("connections");
        figures.AddRange(await SessionsAsync(sessions, cancellationToken));
        progress.Report("sessions");
        return figures;
    }

    /// <summary>A message into each queue and out of it, with a restart between.</summary>
    private async Task<List<(string Figure, string Value)>> EntitiesAsync(int count, CancellationToken cancellationToken)
    {
        var figures = new List<(string, string)>();
        var started = time.GetTimestamp();
        await using var broker = await OwnBroker.StartAsync(
            inMemory: false, count.ToString(CultureInfo.InvariantCulture), cancellationToken);
        figures.Add(($"{count} queues: start, s", Seconds(time.GetElapsedTime(started))));
        await using (var clients = new ClientSet(broker.ConnectionString, Clients))
        {
            var took = await EachAsync(count, async number =>
            {
                await using var sender = clients[number].CreateSender(BenchTopology.QueueName(number));
                await sender.SendMessageAsync(new ServiceBusMessage(new byte[BodyBytes]), cancellationToken);
            });
            figures.Add(($"{count} queues: link opened, message sent, link closed, 1/s", Rate(count, took)));
        }

        figures.Add(($"{count} queues: memory with a message in each, now and at most, MiB", broker.MemoryText()));
        started = time.GetTimestamp();
        await broker.RestartAsync(cancellationToken);
        figures.Add(($"{count} queues: start with a message in each, s", Seconds(time.GetElapsedTime(started))));
        await using (var clients = new ClientSet(broker.ConnectionString, Clients))
        {
            var took = await EachAsync(count, async number =>
            {
                await using var receiver = clients[number].CreateReceiver(BenchTopology.QueueName(number));
                await receiver.CompleteMessageAsync(
                    Expect(await receiver.ReceiveMessageAsync(Patience, cancellationToken), $"a message of queue {number}"),
                    cancellationToken);
            });
            figures.Add(($"{count} queues: link opened, message received and settled, link closed, 1/s", Rate(count, took)));
        }

        figures.Add(($"{count} queues: memory in the end, now and at most, MiB", broker.MemoryText()));
        return figures;
    }

    /// <summary>Each connection sends and receives, all of them open all the time.</summary>
    private async Task<List<(string Figure, string Value)>> ConnectionsAsync(int count, CancellationToken cancellationToken)
    {
        const int rounds = 5;
        var figures = new List<(string, string)>();
        await using var broker = await OwnBroker.StartAsync(inMemory: false, BenchTopology.Plain, cancellationToken);
        await using var clients = new ClientSet(broker.ConnectionString, count);
        var links = clients.All.Select(
            client => (Sender: client.CreateSender(BenchTopology.Queue), Receiver: client.CreateReceiver(BenchTopology.Queue))).ToList();
        var opened = await EachAsync(
            count,
            async number => await links[number].Sender.SendMessageAsync(new ServiceBusMessage(new byte[BodyBytes]), cancellationToken));
        figures.Add(($"{count} connections: opened, each with its first message, 1/s", Rate(count, opened)));
        var took = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            took += await AllAsync(
                links,
                async link =>
                    await link.Receiver.CompleteMessageAsync(
                        Expect(await link.Receiver.ReceiveMessageAsync(Patience, cancellationToken), "a message"), cancellationToken));
            took += await AllAsync(
                links, async link => await link.Sender.SendMessageAsync(new ServiceBusMessage(new byte[BodyBytes]), cancellationToken));
        }

        figures.Add(($"{count} connections: all receive, settle and send at once, each way/s", Rate(count * rounds, took)));
        figures.Add(($"{count} connections: memory, now and at most, MiB", broker.MemoryText()));
        return figures;
    }

    /// <summary>One message in each session, drained by whoever accepts the next.</summary>
    private async Task<List<(string Figure, string Value)>> SessionsAsync(int count, CancellationToken cancellationToken)
    {
        var figures = new List<(string, string)>();
        await using var broker = await OwnBroker.StartAsync(inMemory: false, BenchTopology.Sessions, cancellationToken);
        await using var clients = new ClientSet(broker.ConnectionString, Clients);
        var senders = clients.All.Select(client => client.CreateSender(BenchTopology.Queue)).ToList();
        var sent = await EachAsync(count, number => senders[number % Clients].SendMessageAsync(
            new ServiceBusMessage(new byte[BodyBytes]) { SessionId = number.ToString(CultureInfo.InvariantCulture) }, cancellationToken));
        figures.Add(($"{count} sessions: sends/s", Rate(count, sent)));
        figures.Add(($"{count} sessions: memory with a message in each, now and at most, MiB", broker.MemoryText()));
        var seen = new bool[count];
        var turns = new TimeSpan[count];
        var drained = await EachAsync(count, async number =>
        {
            var started = time.GetTimestamp();
            await using var receiver = await clients[number].AcceptNextSessionAsync(
                BenchTopology.Queue, cancellationToken: cancellationToken);
            var message = Expect(await receiver.ReceiveMessageAsync(Patience, cancellationToken), "the session's message");
            await receiver.CompleteMessageAsync(message, cancellationToken);
            var session = int.Parse(message.SessionId, CultureInfo.InvariantCulture);
            if (seen[session]) throw new InvalidOperationException($"session {session} came twice");
            seen[session] = true;
            turns[number] = time.GetElapsedTime(started);
        });
        if (!Array.TrueForAll(seen, static one => one)) throw new InvalidOperationException("a session never came");
        Array.Sort(turns);
        figures.Add(($"{count} sessions: accepted, drained, closed, 1/s", Rate(count, drained)));
        figures.Add(($"{count} sessions: one of them, p50 / p99 / at most, ms", string.Create(
            CultureInfo.InvariantCulture,
            $"{turns[count / 2].TotalMilliseconds:0.0} / {turns[count * 99L / 100].TotalMilliseconds:0.0} / "
                + $"{turns[^1].TotalMilliseconds:0.0}")));
        figures.Add(($"{count} sessions: memory in the end, now and at most, MiB", broker.MemoryText()));
        return figures;
    }

    private async Task<TimeSpan> EachAsync(int count, Func<int, Task> act)
    {
        var next = -1;
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            await Task.Yield();
            int number;
            while ((number = Interlocked.Increment(ref next)) < count)
            {
                await act(number);
            }
        }));
        return time.GetElapsedTime(started);
    }

    private async Task<TimeSpan> AllAsync<T>(IEnumerable<T> all, Func<T, Task> act)
    {
        var started = time.GetTimestamp();
        await Task.WhenAll(all.Select(act));
        return time.GetElapsedTime(started);
    }

    private static ServiceBusReceivedMessage Expect(ServiceBusReceivedMessage? message, string what) =>
        message
            ?? throw new CliFault(
                $"Expected {what} within {Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s, got none.",
                "The broker stalls, or the machine is too busy to measure on.");

    private static string Rate(int count, TimeSpan took) => (count / took.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan took) => took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Clients, each with a connection of its own.</summary>
    private sealed class ClientSet(string connectionString, int count) : IAsyncDisposable
    {
        public IReadOnlyList<ServiceBusClient> All { get; } =
            [.. Enumerable.Range(0, count).Select(_ => new ServiceBusClient(connectionString))];

        /// <summary>The client for the nth of whatever is spread over them.</summary>
        public ServiceBusClient this[int number] => All[number % All.Count];

        public async ValueTask DisposeAsync()
        {
            foreach (var client in All)
            {
                await client.DisposeAsync();
            }
        }
    }
}
