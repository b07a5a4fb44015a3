using System.Diagnostics.Metrics;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Diagnostics;

/// <summary>
/// The emulator's meter. Everything is observed when somebody listens, and
/// costs nothing else. Tags are of closed sets, never names of entities.
/// </summary>
internal sealed class BrokerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Emulator.ServiceBus";

    private readonly Meter _meter = new(MeterName);

    public BrokerMetrics(BrokerCounters counters, NamespaceEntities entities, Func<int> connections)
    {
        Count("relay.servicebus.sends", "{delivery}", "Deliveries from clients; a batch is one.", totals => totals.Sends);
        Count("relay.servicebus.messages.sent", "{message}", "Messages from clients.", totals => totals.MessagesSent);
        Count("relay.servicebus.messages.delivered", "{message}", "Messages to receivers.", totals => totals.MessagesDelivered);
        Count("relay.servicebus.messages.settled", "{message}", "Settlements by disposition.", totals => totals.MessagesSettled);
        Count(
            "relay.servicebus.filter.evaluations",
            "{evaluation}",
            "Filters that messages to topics were put to.",
            totals => totals.FilterEvaluations);
        Count(
            "relay.servicebus.operations",
            "{operation}",
            "Requests to $management about messages and sessions.",
            totals => totals.MessageOperations);
        Count(
            "relay.servicebus.management.operations",
            "{operation}",
            "Requests about entities and rules.",
            totals => totals.ManagementOperations);
        Count("relay.servicebus.credits", "{credit}", "What a Standard namespace would have charged.", totals => totals.Credits);
        _meter.CreateObservableGauge("relay.servicebus.connections", connections, "{connection}", "AMQP connections, handshakes included.");
        _meter.CreateObservableGauge("relay.servicebus.entities", () => Entities(entities), "{entity}", "Entities by kind.");
        _meter.CreateObservableGauge("relay.servicebus.messages", () => Messages(entities), "{message}", "Messages by state.");

        void Count(string name, string unit, string description, Func<BrokerTotals, long> read) =>
            _meter.CreateObservableCounter(name, () => read(counters.Totals()), unit, description);
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long>[] Entities(NamespaceEntities entities) =>
    [
        Tagged(entities.Queues.Count, "relay.servicebus.kind", "queue"),
        Tagged(entities.Topics.Count, "relay.servicebus.kind", "topic"),
        Tagged(entities.Topics.Sum(topic => topic.Subscriptions.Count), "relay.servicebus.kind", "subscription"),
    ];

    private static Measurement<long>[] Messages(NamespaceEntities entities)
    {
        var all = NamespaceSnapshot.Of(entities, 0).Entities;
        return
        [
            Tagged(all.Sum(entity => (long)entity.Active), "relay.servicebus.state", "active"),
            Tagged(all.Sum(entity => (long)entity.DeadLettered), "relay.servicebus.state", "dead-lettered"),
            Tagged(all.Sum(entity => (long)entity.Scheduled), "relay.servicebus.state", "scheduled"),
            Tagged(all.Sum(entity => (long)entity.Deferred), "relay.servicebus.state", "deferred"),
        ];
    }

    private static Measurement<long> Tagged(long value, string name, string tag) =>
        new(value, new KeyValuePair<string, object?>(name, tag));
}
