using System.Globalization;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// The broker is killed at random moments while messages move from one queue
/// to another in transactions: each is in exactly one of them afterwards.
/// </summary>
public sealed class TransactionKillTests
{
    private const string Cycles = "RELAY_KILL_CYCLES";
    private const string From = "load";
    private const string To = "other";
    private const int PerCycle = 400;

    private static readonly ServiceBusClientOptions Across = new()
    {
        EnableCrossEntityTransactions = true,
        RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(60) },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_WhileMessagesMoveInTransactions_LeavesEachInExactlyOneQueue()
    {
        var cycles = int.Parse(Environment.GetEnvironmentVariable(Cycles) ?? "3", CultureInfo.InvariantCulture);
        var random = new Random();
        var folder = Directory.CreateTempSubdirectory("relay-transaction-kill-").FullName;
        try
        {
            var (sent, moved) = (new HashSet<string>(), 0);
            for (var cycle = 0; cycle < cycles; cycle++)
            {
                using var broker = await BrokerProcess.StartAsync(folder);
                await SeedAsync(broker, sent, cycle);
                moved += await MoveUntilKilledAsync(broker, random.Next(5, 300));
                await CheckAsync(folder, sent);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{cycles} kills, {sent.Count} messages, {moved} moved and confirmed");
            Assert.True(moved >= cycles, $"too little happened to mean anything: {moved} moves in {cycles} kills");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SeedAsync(BrokerProcess broker, HashSet<string> sent, int cycle)
    {
        await using var client = new ServiceBusClient(broker.ConnectionString);
        var messages = Enumerable.Range(0, PerCycle)
            .Select(number => new ServiceBusMessage($"body {number}") { MessageId = $"{cycle}-{number}" })
            .ToList();
        await client.CreateSender(From).SendMessagesAsync(messages, Cancel);
        sent.UnionWith(messages.Select(message => message.MessageId));
    }

    private static async Task<int> MoveUntilKilledAsync(BrokerProcess broker, int killAfter)
    {
        var moved = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = new ServiceBusClient(broker.ConnectionString, Across);
        var movers = Enumerable.Range(0, 4).Select(_ => Task.Run(MoveAsync, Cancel)).ToList();
        await TestDeadline.Within(enough.Task);
        await broker.KillAsync();
        await TestDeadline.Within(Task.WhenAll(movers));
        return moved;

        async Task MoveAsync()
        {
            var receiver = client.CreateReceiver(From);
            var sender = client.CreateSender(To);
            try
            {
                while (await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1), Cancel) is { } message)
                {
                    using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
                    {
                        await sender.SendMessageAsync(new ServiceBusMessage(message), Cancel);
                        await receiver.CompleteMessageAsync(message, Cancel);
                        scope.Complete();
                    }

                    if (Interlocked.Increment(ref moved) >= killAfter) enough.TrySetResult();
                }
            }
            catch (Exception exception) when (
                exception is ServiceBusException or TransactionException or OperationCanceledException or TimeoutException)
            {
                // Killed under it.
            }
        }
    }

    private static async Task CheckAsync(string folder, HashSet<string> sent)
    {
        using var broker = await BrokerProcess.StartAsync(folder);
        await using var client = new ServiceBusClient(broker.ConnectionString);
        var left = await IdsAsync(client.CreateReceiver(From));
        var arrived = await IdsAsync(client.CreateReceiver(To));

        Assert.Equal(left.Count, left.Distinct().Count());
        Assert.Equal(arrived.Count, arrived.Distinct().Count());
        Assert.Empty(left.Intersect(arrived));
        Assert.Equal(sent.Order(StringComparer.Ordinal), left.Concat(arrived).Order(StringComparer.Ordinal));
    }

    private static async Task<List<string>> IdsAsync(ServiceBusReceiver receiver)
    {
        var ids = new List<string>();
        for (long from = 0;
            await receiver.PeekMessagesAsync(500, from, Cancel) is { Count: > 0 } messages;
            from = messages[^1].SequenceNumber + 1)
        {
            ids.AddRange(messages.Select(message => message.MessageId));
        }

        return ids;
    }
}
