using System.Text.Json.Serialization;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Administration;

/// <summary>What the status page and its JSON show.</summary>
internal sealed record StatusReport(
    string Namespace,
    DateTimeOffset StartedAt,
    DateTimeOffset Now,
    bool IsHealthy,
    int Connections,
    StatusCounts Totals,
    StatusRates PerSecond,
    StatusCredits Credits,
    IReadOnlyList<StatusEntity> Entities)
{
    public static StatusReport Of(
        NamespaceProfile profile,
        NamespaceEntities entities,
        int connections,
        bool isHealthy,
        BrokerTotals totals,
        RateWindow window,
        DateTimeOffset now)
    {
        var (recent, span) = window.Read();
        var seconds = Math.Max(span.TotalSeconds, 0.001);
        return new StatusReport(
            profile.Name,
            profile.StartedAt,
            now,
            isHealthy,
            connections,
            new StatusCounts(
                totals.MessagesSent,
                totals.MessagesDelivered,
                totals.MessagesSettled,
                totals.MessageOperations,
                totals.ManagementOperations,
                totals.FilterEvaluations),
            new StatusRates(
                Rate(recent.MessagesSent), Rate(recent.MessagesDelivered), Rate(recent.MessagesSettled), Math.Round(span.TotalSeconds, 1)),
            new StatusCredits(totals.Credits, Rate(recent.Credits), BrokerTotals.StandardCreditsPerSecond, BrokerTotals.CreditSource),
            [.. All(entities, now)]);

        double Rate(long count) => Math.Round(count / seconds, 1);
    }

    private static IEnumerable<StatusEntity> All(NamespaceEntities entities, DateTimeOffset now)
    {
        foreach (var queue in entities.Queues)
        {
            yield return StatusEntity.Of(queue, EntityFigures.Of(queue), [queue.Messages], now);
        }

        foreach (var topic in entities.Topics)
        {
            yield return StatusEntity.Of(topic, EntityFigures.Of(topic), [], now);
            foreach (var subscription in topic.Subscriptions)
            {
                yield return StatusEntity.Of(subscription, EntityFigures.Of(subscription), [subscription.Messages], now);
            }
        }
    }
}

/// <summary>Since the start.</summary>
internal sealed record StatusCounts(
    long MessagesSent,
    long MessagesDelivered,
    long MessagesSettled,
    long MessageOperations,
    long ManagementOperations,
    long FilterEvaluations);

/// <summary>Means of the last seconds.</summary>
internal sealed record StatusRates(double MessagesSent, double MessagesDelivered, double MessagesSettled, double OverSeconds);

/// <summary>Throttling credits of a Standard namespace.</summary>
internal sealed record StatusCredits(long WouldHaveCharged, double PerSecond, int StandardLimitPerSecond, string Source);

/// <summary>One entity.</summary>
internal sealed record StatusEntity(
    string Path, string Kind, string Status, long Active, long DeadLettered, long Scheduled, long Deferred, double? OldestMessageAgeSeconds,
    int Links)
{
    public static StatusEntity Of(IEntity entity, EntityFigures figures, IReadOnlyList<MessageStore> received, DateTimeOffset now)
    {
        var oldest = received.Select(store => store.OldestEnqueuedTime()).Min();
        return new StatusEntity(
            entity.Path,
            entity.Kind.ToString(),
            entity.Status.ToString(),
            figures.Active,
            figures.DeadLettered,
            figures.Scheduled,
            figures.Deferred,
            oldest is { } time ? Math.Round(Math.Max(0, (now - time).TotalSeconds), 1) : null,
            entity.Life.Count);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
