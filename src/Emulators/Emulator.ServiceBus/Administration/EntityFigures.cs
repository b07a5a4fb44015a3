using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Administration;

/// <summary>Runtime properties of an entity at one moment.</summary>
/// <param name="Active">Ready or locked.</param>
/// <param name="Deferred">Set aside by receivers.</param>
/// <param name="Total">Everything, dead letters included.</param>
/// <param name="Subscriptions">Of a topic.</param>
internal sealed record EntityFigures(
    long Active, long DeadLettered, long Scheduled, long Deferred, long TransferDeadLettered, long Total, long Bytes, int Subscriptions,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset AccessedAt)
{
    public static EntityFigures Of(QueueEntity queue) =>
        Of(queue, queue.Messages.Count(), queue.DeadLetters.Count(), queue.TransferDeadLetters.Count(), 0);

    public static EntityFigures Of(TopicEntity topic) => Of(topic, topic.Waiting.Count(), default, default, topic.Subscriptions.Count);

    public static EntityFigures Of(SubscriptionEntity subscription) =>
        Of(subscription, subscription.Messages.Count(), subscription.DeadLetters.Count(), subscription.TransferDeadLetters.Count(), 0);

    private static EntityFigures Of(IEntity entity, StoreCounts counts, StoreCounts dead, StoreCounts transferDead, int subscriptions)
    {
        long bytes;
        lock (entity.Domain.Gate)
        {
            bytes = entity.Domain.Bytes;
        }

        var deadLettered = dead.Active + dead.Deferred;
        var transferDeadLettered = transferDead.Active + transferDead.Deferred;
        var total = counts.Active + counts.Deferred + counts.Scheduled + deadLettered + transferDeadLettered;
        var origin = entity.Origin;
        return new EntityFigures(
            counts.Active,
            deadLettered,
            counts.Scheduled,
            counts.Deferred,
            transferDeadLettered,
            total,
            bytes,
            subscriptions,
            origin.CreatedAt,
            origin.UpdatedAt,
            origin.AccessedAt);
    }
}
