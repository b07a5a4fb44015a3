using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Testing.Amqp;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>The broker is killed at random moments under load; what its clients were told must be true ever after.</summary>
public sealed class KillTests
{
    /// <summary>Environment variable: how often to kill. Default 5.</summary>
    private const string Cycles = "RELAY_KILL_CYCLES";

    /// <summary>Environment variable: seed of the moments and choices, to come near to a run again. Default random.</summary>
    private const string Seed = "RELAY_KILL_SEED";

    private const string Queue = "load";
    private const string SessionQueue = "sessions";
    private const int Loops = 6;
    private const int Sessions = 6;
    private const int SessionReceivers = 3;
    private const int CountingSessions = 2;

    private const int PeeksAgain = 20;

    // A retried send could store a message twice, which the checker would take for a resurrection.
    private static readonly ServiceBusClientOptions NoRetries = new()
    {
        RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(60) },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_AtRandomMomentsUnderLoad_KeepsEveryPromise()
    {
        var cycles = int.Parse(Environment.GetEnvironmentVariable(Cycles) ?? "5", CultureInfo.InvariantCulture);
        var seed = int.Parse(
            Environment.GetEnvironmentVariable(Seed) ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("relay-kill-").FullName;
        try
        {
            var fates = new MessageFates();
            var sessions = new SessionFates(fates.Violations);
            var states = new SessionStates(SessionQueue, fates.Violations);
            var (logs, torn) = (0, 0L);
            for (var cycle = 0; cycle < cycles; cycle++)
            {
                await RunUntilKilledAsync(folder, fates, sessions, states, cycle, TimeSpan.FromMilliseconds(random.Next(20, 700)));
                if (random.Next(2) == 0) continue;
                torn += WriteAheadLog.Tear(folder, random);
                logs++;
            }

            await CheckAsync(folder, fates, sessions, states);
            var told = $"{cycles} kills, {logs} logs torn ({torn} bytes after their last commits), seed {seed}: {fates.Accepted} accepted, "
                + $"{fates.Count(MessageFates.Ending.Completed)} completed, {fates.Count(MessageFates.Ending.Deferred)} deferred, "
                + $"{fates.Count(MessageFates.Ending.DeadLettered)} dead-lettered; in sessions {sessions.Accepted} accepted, {sessions.Completed} completed, {states.Confirmed} states";
            TestContext.Current.TestOutputHelper?.WriteLine(told);
            Assert.True(fates.Violations.IsEmpty, $"{told}; {fates.Violations.Count} violations:\n{string.Join('\n', fates.Violations.Take(20))}");
            Assert.True(HasDoneEnough(fates, cycles), $"too little happened to mean anything: {told}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunUntilKilledAsync(
        string folder, MessageFates fates, SessionFates sessions, SessionStates states, int cycle, TimeSpan life)
    {
        using var broker = await BrokerProcess.StartAsync(folder);
        await using var client = new ServiceBusClient(broker.ConnectionString, NoRetries);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var atWork = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var workers = new List<Task>();
        for (var number = 0; number < 2; number++)
        {
            var (sender, receiver) = (client.CreateSender(Queue), client.CreateReceiver(Queue));
            for (var loop = 0; loop < Loops; loop++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{cycle}-{number}-{loop}");
                workers.Add(UntilBrokenAsync(random => SendAsync(sender, fates, name, random), stop.Token));
            }

            workers.Add(UntilBrokenAsync(random => ReceiveAsync(receiver, fates, random, atWork, stop.Token), stop.Token));
        }

        var sessionSender = client.CreateSender(SessionQueue);
        for (var number = 0; number < Sessions; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"s{number}");
            workers.Add(UntilBrokenAsync(_ => SendToSessionAsync(sessionSender, sessions, id), stop.Token));
        }

        for (var number = 0; number < SessionReceivers; number++)
        {
            workers.Add(UntilBrokenAsync(random => new SessionLoad(broker.ConnectionString, SessionQueue, sessions).RunAsync(random, stop.Token), stop.Token));
        }

        for (var number = 0; number < CountingSessions; number++)
        {
            // Sessions without messages, so that nobody else is given them.
            var id = string.Create(CultureInfo.InvariantCulture, $"counter{number}");
            workers.Add(UntilBrokenAsync(_ => states.CountAsync(client, id, stop.Token), stop.Token));
        }

        await TestDeadline.Within(atWork.Task);
        await Task.Delay(life, TimeProvider.System, Cancel);

        // On a busy machine hardly anything happens in that time: the run must mean something all the same.
        await TestDeadline.Until(() => HasDoneEnough(fates, cycle + 1), "enough sends and completions");
        await broker.KillAsync();
        await stop.CancelAsync();
        await TestDeadline.Within(Task.WhenAll(workers));
    }

    private static bool HasDoneEnough(MessageFates fates, int cycles) =>
        fates.Accepted > 10 * cycles && fates.Count(MessageFates.Ending.Completed) > cycles;

    /// <summary>Does something over and over until the broker is gone.</summary>
    private static async Task UntilBrokenAsync(Func<Random, Task> step, CancellationToken stop)
    {
        var random = new Random();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await step(random);
            }
        }
        catch (Exception exception) when (exception is ServiceBusException or AmqpException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            // Killed under it.
        }
    }

    private static async Task SendAsync(ServiceBusSender sender, MessageFates fates, string name, Random random)
    {
        var messages = Enumerable.Range(0, random.Next(4) == 0 ? 5 : 1).Select(_ => fates.New($"{name}-{Guid.NewGuid():N}", random.Next(4096))).ToArray();
        if (random.Next(20) == 0)
        {
            // Some for long after the test, some for within it.
            var due = TimeProvider.System.GetUtcNow() + (random.Next(2) == 0 ? TimeSpan.FromHours(5) : TimeSpan.FromMilliseconds(random.Next(3000)));
            Array.ForEach(messages, message => fates.OnScheduling(message.MessageId, due));
            await sender.ScheduleMessagesAsync(messages, due, Cancel);
        }
        else
        {
            await sender.SendMessagesAsync(messages, Cancel);
        }

        Array.ForEach(messages, message => fates.OnAccepted(message.MessageId));
    }

    private static async Task SendToSessionAsync(ServiceBusSender sender, SessionFates sessions, string id)
    {
        var number = sessions.Next(id);
        await sender.SendMessageAsync(
            new ServiceBusMessage(new byte[100]) { SessionId = id, MessageId = number.ToString(CultureInfo.InvariantCulture) }, Cancel);
        sessions.OnAccepted(id, number);
    }

    private static async Task ReceiveAsync(
        ServiceBusReceiver receiver, MessageFates fates, Random random, TaskCompletionSource atWork, CancellationToken stop)
    {
        var messages = await receiver.ReceiveMessagesAsync(20, TimeSpan.FromSeconds(1), stop);
        foreach (var message in messages)
        {
            fates.OnDelivered(message);
        }

        await Task.WhenAll(messages.Select(message => SettleAsync(receiver, fates, message, random.Next(20))));
        if (messages.Count > 0) atWork.TrySetResult();
    }

    private static async Task SettleAsync(ServiceBusReceiver receiver, MessageFates fates, ServiceBusReceivedMessage message, int choice)
    {
        var ending = choice switch
        {
            0 => MessageFates.Ending.Deferred,
            1 => MessageFates.Ending.DeadLettered,
            2 or 3 => MessageFates.Ending.None,
            _ => MessageFates.Ending.Completed,
        };
        fates.OnAsked(message.MessageId, ending);
        await (ending switch
        {
            MessageFates.Ending.Completed => receiver.CompleteMessageAsync(message, Cancel),
            MessageFates.Ending.Deferred => receiver.DeferMessageAsync(message, cancellationToken: Cancel),
            MessageFates.Ending.DeadLettered => receiver.DeadLetterMessageAsync(message, "tired", "of it", Cancel),
            _ => receiver.AbandonMessageAsync(message, cancellationToken: Cancel),
        });
        fates.OnConfirmed(message.MessageId, ending);
    }

    private static async Task CheckAsync(string folder, MessageFates fates, SessionFates sessions, SessionStates states)
    {
        using var broker = await BrokerProcess.StartAsync(folder);
        await using var client = new ServiceBusClient(broker.ConnectionString);
        var inQueue = await QueueContents.PeekAllAsync(client.CreateReceiver(Queue));
        // A schedule that falls due between two pages is seen under its old number and its new one; what is really there twice stays so.
        for (var again = 0; again < PeeksAgain && inQueue.GroupBy(message => message.MessageId).Any(same => same.Count() > 1); again++)
        {
            inQueue = await QueueContents.PeekAllAsync(client.CreateReceiver(Queue));
        }

        var dead = await QueueContents.PeekAllAsync(
            client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }));
        fates.Check(inQueue, dead);
        await states.CheckAsync(client, Cancel);
        var inSessions = await QueueContents.PeekAllAsync(client.CreateReceiver(SessionQueue));
        sessions.Check(inSessions.ConvertAll(message => (message.SessionId, int.Parse(message.MessageId, CultureInfo.InvariantCulture))));

        // What peek shows as active is what can be received, each once.
        var active = inQueue.Where(message => message.State == ServiceBusMessageState.Active).Select(message => message.MessageId).ToHashSet();
        var received = await DrainAsync(
            client.CreateReceiver(Queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }),
            active.Count);
        if (!active.IsSubsetOf(received) || received.Count != received.Distinct().Count())
        {
            fates.Violations.Enqueue($"{active.Count} messages are active, {received.Count} could be received, {received.Distinct().Count()} different ones");
        }
    }

    private static async Task<List<string>> DrainAsync(ServiceBusReceiver receiver, int expected)
    {
        var ids = new List<string>();

        // Once all that is expected has come, a short look for more; before, a long one.
        while (await receiver.ReceiveMessagesAsync(500, ids.Count < expected ? TimeSpan.FromSeconds(10) : TimeSpan.FromMilliseconds(50), Cancel) is { Count: > 0 } messages)
        {
            ids.AddRange(messages.Select(message => message.MessageId));
        }

        return ids;
    }
}
