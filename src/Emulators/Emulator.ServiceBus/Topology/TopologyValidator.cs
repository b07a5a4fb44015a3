using System.Globalization;
using System.Text.RegularExpressions;

namespace Emulator.ServiceBus.Topology;

/// <summary>Names, ranges (the cloud's, not the official emulator's narrower ones), and what entities forward to.</summary>
/// <param name="faults">Takes one line per fault.</param>
/// <param name="root">Prefix of every path, ending in a dot when not empty.</param>
/// <param name="properties">What stands between an entity and its settings in a path: <c>.Properties</c> in Config.json, nothing in
/// code.</param>
internal sealed partial class TopologyValidator(List<string> faults, string root, string properties)
{
    private const int MaxEntityName = 260;
    private const int MaxShortName = 50;
    private const int MaxSizeLimit = 81920;
    private const int MaxDeliveryLimit = 2000;
    private static readonly TimeSpan MinLock = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxLock = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MinTimeToLive = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxWindow = TimeSpan.FromDays(7);

    public void Check(NamespaceTopology topology)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < topology.Queues.Count; index++)
        {
            Queue(topology.Queues[index], string.Create(CultureInfo.InvariantCulture, $"{root}Queues[{index}]"), names);
        }

        for (var index = 0; index < topology.Topics.Count; index++)
        {
            Topic(topology.Topics[index], string.Create(CultureInfo.InvariantCulture, $"{root}Topics[{index}]"), names);
        }
    }

    /// <summary>Checks that what entities forward to is declared, which one entity on its own cannot show.</summary>
    public void CheckDestinations(NamespaceTopology topology)
    {
        var names = new HashSet<string>(
            [.. topology.Queues.Select(queue => queue.Name), .. topology.Topics.Select(topic => topic.Name)],
            StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < topology.Queues.Count; index++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{root}Queues[{index}]");
            Destination(path, "ForwardTo", topology.Queues[index].ForwardTo, names);
            Destination(path, "ForwardDeadLetteredMessagesTo", topology.Queues[index].ForwardDeadLetteredMessagesTo, names);
        }

        for (var index = 0; index < topology.Topics.Count; index++)
        {
            var subscriptions = topology.Topics[index].Subscriptions;
            for (var inner = 0; inner < subscriptions.Count; inner++)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"{root}Topics[{index}].Subscriptions[{inner}]");
                Destination(path, "ForwardTo", subscriptions[inner].ForwardTo, names);
                Destination(path, "ForwardDeadLetteredMessagesTo", subscriptions[inner].ForwardDeadLetteredMessagesTo, names);
            }
        }
    }

    /// <summary>Whether a rule may have this name.</summary>
    public static bool IsRuleName(string name) =>
        name == RuleSettings.DefaultName || (name.Length <= MaxShortName && NamePattern().IsMatch(name));

    private void Queue(QueueSettings queue, string path, HashSet<string> names)
    {
        Name(queue.Name, path, MaxEntityName, names, "queue or topic");
        Locking(path, queue.LockDuration, queue.MaxDeliveryCount);
        Storage(path, queue.DefaultMessageTimeToLive, queue.DuplicateDetectionHistoryTimeWindow, queue.MaxSizeInMegabytes);
        Forwarding(path, queue.Name, queue.RequiresSession, queue.ForwardTo, queue.ForwardDeadLetteredMessagesTo);
    }

    private void Topic(TopicSettings topic, string path, HashSet<string> names)
    {
        Name(topic.Name, path, MaxEntityName, names, "queue or topic");
        Storage(path, topic.DefaultMessageTimeToLive, topic.DuplicateDetectionHistoryTimeWindow, topic.MaxSizeInMegabytes);
        var subscriptions = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < topic.Subscriptions.Count; index++)
        {
            Subscription(
                topic.Subscriptions[index], string.Create(CultureInfo.InvariantCulture, $"{path}.Subscriptions[{index}]"), subscriptions);
        }
    }

    private void Subscription(SubscriptionSettings subscription, string path, HashSet<string> names)
    {
        Name(subscription.Name, path, MaxShortName, names, "subscription of this topic");
        Locking(path, subscription.LockDuration, subscription.MaxDeliveryCount);
        Range(path, nameof(subscription.DefaultMessageTimeToLive), subscription.DefaultMessageTimeToLive, MinTimeToLive, TimeSpan.MaxValue);
        Forwarding(path, null, subscription.RequiresSession, subscription.ForwardTo, subscription.ForwardDeadLetteredMessagesTo);
        var rules = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < subscription.Rules.Count; index++)
        {
            Rule(subscription.Rules[index], string.Create(CultureInfo.InvariantCulture, $"{path}.Rules[{index}]"), rules);
        }
    }

    private void Rule(RuleSettings rule, string path, HashSet<string> names)
    {
        if (rule.Name != RuleSettings.DefaultName) Name(rule.Name, path, MaxShortName, names, "rule of this subscription");
        else if (!names.Add(rule.Name)) faults.Add($"{path}.Name: expected a rule name used once, got \"{rule.Name}\" again");

        if (rule.Filter is CorrelationFilter { IsEmpty: true }) faults.Add($"{path}{properties}.CorrelationFilter: expected at least one condition, got none");
        else if (!Rules.Rule.TryCompile(rule, out _, out var error)) faults.Add($"{path}{properties}: {error}");
    }

    private void Name(string name, string path, int maxLength, HashSet<string> names, string kind)
    {
        if (name.Length > maxLength || !NamePattern().IsMatch(name))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture,
                $"{path}.Name: expected 1 to {maxLength} letters, digits, '.', '-', '_', '/' or '~', the first a letter or digit, got \"{name}\""));
        }
        else if (!names.Add(name))
        {
            faults.Add($"{path}.Name: expected a name no other {kind} has, got \"{name}\" again");
        }
    }

    private void Locking(string path, TimeSpan lockDuration, int maxDeliveryCount)
    {
        Range(path, "LockDuration", lockDuration, MinLock, MaxLock);
        Range(path, "MaxDeliveryCount", maxDeliveryCount, 1, MaxDeliveryLimit);
    }

    private void Storage(string path, TimeSpan timeToLive, TimeSpan window, int maxSize)
    {
        Range(path, "DefaultMessageTimeToLive", timeToLive, MinTimeToLive, TimeSpan.MaxValue);
        Range(path, "DuplicateDetectionHistoryTimeWindow", window, MinWindow, MaxWindow);
        Range(path, "MaxSizeInMegabytes", maxSize, 1, MaxSizeLimit);
    }

    private void Forwarding(string path, string? own, bool requiresSession, string? forwardTo, string? forwardDeadLetteredTo)
    {
        if (requiresSession && EntityPath.Destination(forwardTo) is not null)
        {
            faults.Add($"{path}{properties}.ForwardTo: expected empty or absent on an entity that requires sessions, got \"{forwardTo}\"");
        }

        if (own is null) return;
        NotItself("ForwardTo", forwardTo);
        NotItself("ForwardDeadLetteredMessagesTo", forwardDeadLetteredTo);

        void NotItself(string member, string? value)
        {
            if (string.Equals(EntityPath.Destination(value), own, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{path}{properties}.{member}: expected another entity, got \"{value}\" itself");
            }
        }
    }

    private void Destination(string path, string member, string? value, HashSet<string> names)
    {
        if (EntityPath.Destination(value) is not { } destination || names.Contains(destination)) return;
        faults.Add($"{path}{properties}.{member}: expected a queue or topic that is declared, got \"{value}\"");
    }

    private void Range(string path, string member, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value >= least && value <= most) return;
        var upTo = most == TimeSpan.MaxValue ? "or more" : "to " + System.Xml.XmlConvert.ToString(most);
        faults.Add($"{path}{properties}.{member}: expected {System.Xml.XmlConvert.ToString(least)} {upTo}, got {System.Xml.XmlConvert.ToString(value)}");
    }

    private void Range(string path, string member, int value, int least, int most)
    {
        if (value >= least && value <= most) return;
        faults.Add(string.Create(CultureInfo.InvariantCulture, $"{path}{properties}.{member}: expected {least} to {most}, got {value}"));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9_\-./~]*[A-Za-z0-9_\-.~])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
