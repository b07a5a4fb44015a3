using System.Text.RegularExpressions;

namespace Relay.Local.Topology;

/// <summary>What the services and the relay's formats demand of names and settings; all mistakes are reported together.</summary>
internal static partial class TopologyRules
{
    private static readonly TimeSpan ShortestLock = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLock = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(7);

    public static List<string> Check(RelayTopology topology)
    {
        var mistakes = new List<string>();
        var topics = topology.AllTopics.ToList();
        Distinct(mistakes, "queue or topic", topology.Queues.Select(queue => queue.Name).Concat(topics.Select(topic => topic.Name)));
        Distinct(mistakes, "delegation", topology.Delegations);
        Distinct(mistakes, "mediator", topology.Mediators.Select(mediator => mediator.Name));
        Distinct(mistakes, "container", topology.Containers.Select(container => container.Name));
        Distinct(mistakes, "key", topology.AllKeys.Select(key => key.Name));
        foreach (var label in topology.Delegations.Concat(topology.Mediators.Select(mediator => mediator.Name)))
        {
            // The prefixed name may be longer; the label itself is bounded by the relay's formats.
            Require(mistakes, Label().IsMatch(label), $"'{label}' is not a label: expected a-z or 0-9, then up to 49 of a-z, 0-9 and -");
        }

        foreach (var name in topology.Queues.Select(queue => queue.Name).Concat(topics.Select(topic => topic.Name)))
        {
            Require(mistakes, Entity().IsMatch(name) && name.Length <= 260, $"'{name}' is not an entity name of Service Bus");
        }

        foreach (var name in topology.Containers.Select(container => container.Name))
        {
            Require(mistakes, Container().IsMatch(name), $"'{name}' is not a container name: expected 3 to 63 of a-z, 0-9 and single -");
        }

        foreach (var name in topology.AllKeys.Select(key => key.Name))
        {
            Require(mistakes, Key().IsMatch(name), $"'{name}' is not a key name: expected 1 to 127 of letters, digits and -");
        }

        foreach (var queue in topology.Queues)
        {
            Locked(mistakes, queue.Name, queue.LockDuration, queue.MaxDeliveryCount, queue.DefaultMessageTimeToLive);
            Require(mistakes, queue.Lane is "normal" or "urgent", $"{queue.Name}: lane is '{queue.Lane}', expected normal or urgent");
        }

        foreach (var topic in topics)
        {
            Topic(mistakes, topic);
        }

        foreach (var container in topology.Containers)
        {
            Require(
                mistakes, container.Relay is "read" or "write", $"{container.Name}: relay is '{container.Relay}', expected read or write");
        }

        Require(mistakes, topology.Mediators.All(mediator => mediator.Weight >= 1), "a mediator's weight is below 1");
        var total = topology.Mediators.Sum(mediator => (long)mediator.Weight);
        Require(
            mistakes,
            topology.Quorum >= 1 && topology.Quorum <= total,
            $"quorum is {topology.Quorum}, expected 1 to the total weight {total}");
        return mistakes;
    }

    private static void Topic(List<string> mistakes, TopicEntity topic)
    {
        Require(mistakes, topic.Subscriptions.Count > 0, $"{topic.Name}: expected at least one subscription");
        Distinct(mistakes, $"subscription of {topic.Name}", topic.Subscriptions.Select(subscription => subscription.Name));
        Require(mistakes, topic.DefaultMessageTimeToLive > TimeSpan.Zero, $"{topic.Name}: time to live must be positive");
        Require(
            mistakes,
            topic.RequiresDuplicateDetection == topic.DuplicateDetectionHistoryTimeWindow.HasValue,
            $"{topic.Name}: a duplicate detection window is expected exactly with duplicate detection");
        Require(
            mistakes,
            topic.DuplicateDetectionHistoryTimeWindow is not { } window || (window >= ShortestWindow && window <= LongestWindow),
            $"{topic.Name}: duplicate detection window is {topic.DuplicateDetectionHistoryTimeWindow}, expected 20 s to 7 days");
        foreach (var subscription in topic.Subscriptions)
        {
            var path = $"{topic.Name}/{subscription.Name}";
            Require(
                mistakes,
                Entity().IsMatch(subscription.Name) && subscription.Name.Length <= 50,
                $"{path}: a subscription name has 1 to 50 characters");
            Locked(mistakes, path, subscription.LockDuration, subscription.MaxDeliveryCount, subscription.DefaultMessageTimeToLive);
        }
    }

    private static void Locked(List<string> mistakes, string path, TimeSpan lockDuration, int maxDeliveryCount, TimeSpan timeToLive)
    {
        Require(
            mistakes,
            lockDuration >= ShortestLock && lockDuration <= LongestLock,
            $"{path}: lock is {lockDuration}, expected 5 s to 5 min");
        Require(mistakes, maxDeliveryCount is >= 1 and <= 2000, $"{path}: max delivery count is {maxDeliveryCount}, expected 1 to 2000");
        Require(mistakes, timeToLive > TimeSpan.Zero, $"{path}: time to live must be positive");
    }

    private static void Distinct(List<string> mistakes, string kind, IEnumerable<string> names)
    {
        // Service Bus, Key Vault and Storage compare names without case.
        foreach (var twice in names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            mistakes.Add($"{kind} '{twice.Key}' is named {twice.Count()} times");
        }
    }

    private static void Require(List<string> mistakes, bool condition, string mistake)
    {
        if (!condition)
        {
            mistakes.Add(mistake);
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,49}\\z")]
    private static partial Regex Label();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?\\z")]
    private static partial Regex Entity();

    [GeneratedRegex("^(?=.{3,63}\\z)[a-z0-9]+(-[a-z0-9]+)*\\z")]
    private static partial Regex Container();

    [GeneratedRegex("^[A-Za-z0-9-]{1,127}\\z")]
    private static partial Regex Key();
}
