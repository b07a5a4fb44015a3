using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>The emulator stops and starts on the same state folder: everything is as clients left it.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-restart-").FullName;
    private readonly ManualTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Restart_AfterEverySettlement_KeepsEachMessageWhereItWas()
    {
        long scheduled, cancelled;
        await using (var first = await StartAsync())
        {
            await using var client = new ServiceBusClient(first.ConnectionString);
            var sender = client.CreateSender("q");
            foreach (var id in new[] { "completed", "deferred", "dead", "abandoned", "locked", "untouched" })
            {
                await sender.SendMessageAsync(
                    new ServiceBusMessage($"body of {id}") { MessageId = id, ApplicationProperties = { ["id"] = id } }, Cancel);
            }

            scheduled = await sender.ScheduleMessageAsync(
                new ServiceBusMessage("later") { MessageId = "scheduled" }, _clock.GetUtcNow().AddHours(1), Cancel);
            cancelled = await sender.ScheduleMessageAsync(
                new ServiceBusMessage("never") { MessageId = "cancelled" }, _clock.GetUtcNow().AddHours(1), Cancel);
            await sender.CancelScheduledMessageAsync(cancelled, Cancel);
            var receiver = client.CreateReceiver("q");
            await receiver.CompleteMessageAsync(await NextAsync(receiver, "completed"), Cancel);
            await receiver.DeferMessageAsync(
                await NextAsync(receiver, "deferred"), new Dictionary<string, object> { ["why"] = "not now" }, Cancel);
            await receiver.DeadLetterMessageAsync(await NextAsync(receiver, "dead"), "reason", "description", Cancel);
            var abandoned = await NextAsync(receiver, "abandoned");
            await NextAsync(receiver, "locked");
            await receiver.AbandonMessageAsync(abandoned, cancellationToken: Cancel);
            await first.StopAsync(Cancel);
        }

        await using var second = await StartAsync();
        await using var again = new ServiceBusClient(second.ConnectionString);
        var entity = Assert.Single(second.Snapshot().Entities, entity => entity.Path == "q");
        Assert.Equal((3, 1, 1, 1), (entity.Active, entity.DeadLettered, entity.Scheduled, entity.Deferred));
        var reader = again.CreateReceiver("q");
        Assert.Equal((2, 2), ((await NextAsync(reader, "abandoned")).DeliveryCount, (await NextAsync(reader, "locked")).DeliveryCount));
        var untouched = await NextAsync(reader, "untouched");
        Assert.Equal(
            (1, "body of untouched", "untouched"),
            (untouched.DeliveryCount, untouched.Body.ToString(), (string)untouched.ApplicationProperties["id"]));
        var deferred = await reader.ReceiveDeferredMessageAsync(2, Cancel);
        Assert.Equal(("deferred", "not now"), (deferred.MessageId, (string)deferred.ApplicationProperties["why"]));
        var dead = await NextAsync(again.CreateReceiver("q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }), "dead");
        Assert.Equal(("reason", "description"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        _clock.Advance(TimeSpan.FromHours(1));
        var due = Assert.Single(await reader.PeekMessagesAsync(100, 0, Cancel), message => message.MessageId == "scheduled");
        Assert.Equal((ServiceBusMessageState.Active, true), (due.State, due.SequenceNumber > cancelled));
        Assert.True(scheduled < cancelled);
    }

    [Fact]
    public async Task Restart_WithinTheDuplicateWindow_StillDropsDuplicates()
    {
        await using (var first = await StartAsync())
        {
            await using var client = new ServiceBusClient(first.ConnectionString);
            await client.CreateSender("dedup").SendMessageAsync(new ServiceBusMessage("one") { MessageId = "same" }, Cancel);
        }

        await using var second = await StartAsync();
        await using var again = new ServiceBusClient(second.ConnectionString);
        var sender = again.CreateSender("dedup");
        await sender.SendMessageAsync(new ServiceBusMessage("two") { MessageId = "same" }, Cancel);
        Assert.Equal(1, Active());
        _clock.Advance(TimeSpan.FromMinutes(2));
        await sender.SendMessageAsync(new ServiceBusMessage("three") { MessageId = "same" }, Cancel);
        Assert.Equal(2, Active());

        int Active() => second.Snapshot().Entities.Single(entity => entity.Path == "dedup").Active;
    }

    private static async Task<ServiceBusReceivedMessage> NextAsync(ServiceBusReceiver receiver, params string[] ids)
    {
        var message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.NotNull(message);
        Assert.Contains(message.MessageId, ids);
        return message;
    }

    private Task<ServiceBusEmulator> StartAsync() => ServiceBusEmulator.StartAsync(
        new ServiceBusEmulatorOptions
        {
            AmqpPort = 0,
            StateFolder = _folder,
            TimeProvider = _clock,
            Topology = new NamespaceTopology
            {
                Queues =
                [
                    new QueueSettings { Name = "q" },
                    new QueueSettings
                    {
                        Name = "dedup",
                        RequiresDuplicateDetection = true,
                        DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(1),
                    },
                ],
            },
        },
        Cancel);
}
