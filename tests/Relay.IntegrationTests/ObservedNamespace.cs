using System.Globalization;
using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Topology;
using Relay.Local.Topology;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>
/// The settings of a running namespace's queues and subscriptions, found out by sending, receiving and letting time pass; no word of its
/// configuration is believed. Nobody else may receive from it meanwhile.
/// </summary>
/// <param name="clock">The namespace's clock; observing moves it on.</param>
internal sealed class ObservedNamespace(ServiceBusEmulator emulator, ManualTimeProvider clock)
{
    private const int MostDeliveries = 100;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>One line an entity, as <see cref="Expected"/> writes them.</summary>
    /// <param name="supposed">How long messages live and ids are remembered: what
    /// ends then is told from what does not, not how long else it takes.</param>
    public async Task<IReadOnlyList<string>> ReadAsync(RelayTopology supposed, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var entity in emulator.Snapshot().Entities.Where(entity => entity.Kind != EntityKind.Topic))
        {
            // A connection of its own: what one leaves behind must not hold the next one's messages.
            await using var bus = new ServiceBusClient(emulator.ConnectionString);
            lines.Add(await ReadAsync(bus, entity, Times(supposed)[entity.Path], cancellationToken));
        }

        return lines;
    }

    /// <summary>
    /// The lines of a namespace that has what a topology says. A message lives
    /// as long as the shorter of its topic's and its subscription's time.
    /// </summary>
    public static IReadOnlyList<string> Expected(RelayTopology topology) =>
    [
        .. topology.Queues.Select(queue => queue.RequiresSession ? $"{queue.Name} session=true" : Line(
            queue.Name,
            queue.LockDuration,
            queue.MaxDeliveryCount,
            Text(queue.DefaultMessageTimeToLive),
            queue.DeadLetteringOnMessageExpiration,
            queue.RequiresDuplicateDetection ? "on" : "off")),
        .. from topic in topology.AllTopics
           from subscription in topic.Subscriptions
           let name = $"{topic.Name}/{subscription.Name}"
           select subscription.RequiresSession ? $"{name} session=true" : Line(
               name,
               subscription.LockDuration,
               subscription.MaxDeliveryCount,
               Text(Life(topic, subscription)),
               subscription.DeadLetteringOnMessageExpiration,
               topic.DuplicateDetectionHistoryTimeWindow is { } window ? Text(window) : "off"),
    ];

    private static Dictionary<string, (TimeSpan Life, TimeSpan? Window)> Times(RelayTopology topology)
    {
        var times = topology.Queues.ToDictionary(queue => queue.Name, queue => (queue.DefaultMessageTimeToLive, (TimeSpan?)null));
        foreach (var topic in topology.AllTopics)
        {
            foreach (var subscription in topic.Subscriptions)
            {
                times[$"{topic.Name}/Subscriptions/{subscription.Name}"] = (
                    Life(topic, subscription), topic.DuplicateDetectionHistoryTimeWindow);
            }
        }

        return times;
    }

    private static TimeSpan Life(TopicEntity topic, SubscriptionEntity subscription) =>
        topic.DefaultMessageTimeToLive < subscription.DefaultMessageTimeToLive
            ? topic.DefaultMessageTimeToLive
            : subscription.DefaultMessageTimeToLive;

    private async Task<string> ReadAsync(
        ServiceBusClient bus, EntitySnapshot entity, (TimeSpan Life, TimeSpan? Window) supposed, CancellationToken cancellationToken)
    {
        var parts = entity.Path.Split('/');
        var name = entity.Kind == EntityKind.Queue ? entity.Path : $"{parts[0]}/{parts[^1]}";
        await using var sender = bus.CreateSender(parts[0]);
        if (await RequiresSessionAsync(sender, cancellationToken))
        {
            return $"{name} session=true";
        }

        var (lockDuration, deliveries) = await DeliveriesAsync(bus, entity, cancellationToken);
        var (life, deadLetters) = await ExpiryAsync(sender, entity, supposed.Life, cancellationToken);
        var duplicates = await DuplicatesAsync(sender, entity, supposed.Window, cancellationToken);
        return Line(name, lockDuration, deliveries, life, deadLetters, duplicates);
    }

    // Leaves one message to be received.
    private static async Task<bool> RequiresSessionAsync(ServiceBusSender sender, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendMessageAsync(new ServiceBusMessage("of no session"), cancellationToken);
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private async Task<(TimeSpan LockDuration, int Deliveries)> DeliveriesAsync(
        ServiceBusClient bus, EntitySnapshot entity, CancellationToken cancellationToken)
    {
        var path = entity.Path.Split('/');
        await using var receiver = entity.Kind == EntityKind.Queue
            ? bus.CreateReceiver(entity.Path)
            : bus.CreateReceiver(path[0], path[^1]);
        for (var deliveries = 1; ; deliveries++)
        {
            var message = await TestDeadline.Within(receiver.ReceiveMessageAsync(cancellationToken: cancellationToken));
            var lockDuration = message.LockedUntil - clock.GetUtcNow();
            await receiver.AbandonMessageAsync(message, cancellationToken: cancellationToken);
            if (Now(entity).DeadLettered == 1 || deliveries == MostDeliveries)
            {
                return (lockDuration, deliveries);
            }
        }
    }

    // With nobody receiving: a receiver's credit would have the message locked.
    private async Task<(string Life, bool DeadLetters)> ExpiryAsync(
        ServiceBusSender sender, EntitySnapshot entity, TimeSpan supposed, CancellationToken cancellationToken)
    {
        var before = Now(entity);
        await sender.SendMessageAsync(new ServiceBusMessage("to expire"), cancellationToken);
        clock.Advance(supposed - Second);
        var lives = Now(entity).Active == before.Active + 1;
        clock.Advance(2 * Second);
        var after = Now(entity);
        return (
            lives && after.Active == before.Active ? Text(supposed) : $"not {Text(supposed)}",
            after.DeadLettered == before.DeadLettered + 1);
    }

    private async Task<string> DuplicatesAsync(
        ServiceBusSender sender, EntitySnapshot entity, TimeSpan? supposed, CancellationToken cancellationToken)
    {
        Assert.True(await AddsAsync());
        if (await AddsAsync())
        {
            return "off";
        }

        if (supposed is not { } window)
        {
            return "on";
        }

        clock.Advance(window - Second);
        var remembered = !await AddsAsync();
        clock.Advance(2 * Second);
        return remembered && await AddsAsync() ? Text(window) : $"not {Text(window)}";

        async Task<bool> AddsAsync()
        {
            var before = Now(entity).Active;
            await sender.SendMessageAsync(new ServiceBusMessage("duplicate") { MessageId = $"once in {entity.Path}" }, cancellationToken);
            return Now(entity).Active > before;
        }
    }

    private EntitySnapshot Now(EntitySnapshot entity) => emulator.Snapshot().Entities.Single(other => other.Path == entity.Path);

    private static string Line(string name, TimeSpan lockDuration, int deliveries, string life, bool deadLetters, string duplicates) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name} lock={Text(lockDuration)} deliveries={deliveries} life={life} deadLettersOnExpiry={deadLetters} "
                + $"duplicates={duplicates}");

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
