using System.Text.Json;

namespace Emulator.ServiceBus.Topology;

/// <summary>Reads Config.json. One instance reads one document; every fault found is reported, not just the first.</summary>
internal sealed class ConfigJsonReader
{
    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 32,
    };

    private readonly List<string> _faults = [];

    public bool TryRead(ReadOnlySpan<byte> json, out NamespaceTopology topology, out string error)
    {
        topology = new NamespaceTopology();
        error = "";
        if (json.StartsWith("\uFEFF"u8)) json = json[3..];
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), Options);
            topology = Read(new ConfigNode(document.RootElement, "$", _faults));
        }
        catch (JsonException exception)
        {
            _faults.Add(
                $"$: expected JSON, got a fault at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: "
                    + $"{FirstSentence(exception.Message)}");
        }

        if (_faults.Count == 0) return true;
        topology = new NamespaceTopology();
        error = string.Join(Environment.NewLine, _faults);
        return false;
    }

    private NamespaceTopology Read(ConfigNode root)
    {
        var empty = new NamespaceTopology();
        root.Only("$schema", "UserConfig");
        if (root.Child("UserConfig") is not { } user) return root.Missing("UserConfig", "an object", empty);

        // Logging is the official emulator's own business: accepted and left alone.
        user.Only("Namespaces", "Logging");
        var namespaces = user.Items("Namespaces");
        if (namespaces.Count != 1)
        {
            _faults.Add($"{user.Path}.Namespaces: expected an array of exactly one namespace, got {namespaces.Count}");
            return empty;
        }

        var node = namespaces[0];
        node.Only("Name", "Queues", "Topics");
        var topology = new NamespaceTopology
        {
            Name = node.Name(),
            Queues = [.. node.Items("Queues").Select(ReadQueue)],
            Topics = [.. node.Items("Topics").Select(ReadTopic)],
        };

        // Ranges of values that could not be read would repeat the complaint.
        if (_faults.Count == 0)
        {
            var validator = new TopologyValidator(_faults, node.Path + ".", ".Properties");
            validator.Check(topology);
            validator.CheckDestinations(topology);
        }

        return topology;
    }

    private static QueueSettings ReadQueue(ConfigNode node)
    {
        node.Only("Name", "Properties");
        var defaults = new QueueSettings { Name = node.Name() };
        if (node.Child("Properties") is not { } properties) return defaults;
        properties.Only(
            "LockDuration",
            "MaxDeliveryCount",
            "DefaultMessageTimeToLive",
            "DeadLetteringOnMessageExpiration",
            "RequiresDuplicateDetection",
            "DuplicateDetectionHistoryTimeWindow",
            "RequiresSession",
            "ForwardTo",
            "ForwardDeadLetteredMessagesTo",
            "MaxSizeInMegabytes",
            "Status");
        return defaults with
        {
            LockDuration = properties.Duration("LockDuration", defaults.LockDuration),
            MaxDeliveryCount = properties.Integer("MaxDeliveryCount", defaults.MaxDeliveryCount),
            DefaultMessageTimeToLive = properties.Duration("DefaultMessageTimeToLive", defaults.DefaultMessageTimeToLive),
            DeadLetteringOnMessageExpiration = properties.Boolean("DeadLetteringOnMessageExpiration"),
            RequiresDuplicateDetection = properties.Boolean("RequiresDuplicateDetection"),
            DuplicateDetectionHistoryTimeWindow = properties.Duration(
                "DuplicateDetectionHistoryTimeWindow", defaults.DuplicateDetectionHistoryTimeWindow),
            RequiresSession = properties.Boolean("RequiresSession"),
            ForwardTo = properties.Text("ForwardTo"),
            ForwardDeadLetteredMessagesTo = properties.Text("ForwardDeadLetteredMessagesTo"),
            MaxSizeInMegabytes = properties.Integer("MaxSizeInMegabytes", defaults.MaxSizeInMegabytes),
            Status = properties.Choice<EntityStatus>("Status"),
        };
    }

    private static TopicSettings ReadTopic(ConfigNode node)
    {
        node.Only("Name", "Properties", "Subscriptions");
        var defaults = new TopicSettings { Name = node.Name(), Subscriptions = [.. node.Items("Subscriptions").Select(ReadSubscription)] };
        if (node.Child("Properties") is not { } properties) return defaults;
        properties.Only(
            "DefaultMessageTimeToLive",
            "RequiresDuplicateDetection",
            "DuplicateDetectionHistoryTimeWindow",
            "MaxSizeInMegabytes",
            "Status");
        return defaults with
        {
            DefaultMessageTimeToLive = properties.Duration("DefaultMessageTimeToLive", defaults.DefaultMessageTimeToLive),
            RequiresDuplicateDetection = properties.Boolean("RequiresDuplicateDetection"),
            DuplicateDetectionHistoryTimeWindow = properties.Duration(
                "DuplicateDetectionHistoryTimeWindow", defaults.DuplicateDetectionHistoryTimeWindow),
            MaxSizeInMegabytes = properties.Integer("MaxSizeInMegabytes", defaults.MaxSizeInMegabytes),
            Status = properties.Choice<EntityStatus>("Status"),
        };
    }

    private static SubscriptionSettings ReadSubscription(ConfigNode node)
    {
        node.Only("Name", "Properties", "Rules");
        var defaults = new SubscriptionSettings { Name = node.Name() };
        if (node.Items("Rules") is { Count: > 0 } rules) defaults = defaults with { Rules = [.. rules.Select(ConfigRuleReader.Read)] };
        if (node.Child("Properties") is not { } properties) return defaults;
        properties.Only(
            "LockDuration", "MaxDeliveryCount", "DefaultMessageTimeToLive", "DeadLetteringOnMessageExpiration", "RequiresSession",
            "DeadLetteringOnFilterEvaluationExceptions", "ForwardTo", "ForwardDeadLetteredMessagesTo", "Status");
        return defaults with
        {
            LockDuration = properties.Duration("LockDuration", defaults.LockDuration),
            MaxDeliveryCount = properties.Integer("MaxDeliveryCount", defaults.MaxDeliveryCount),
            DefaultMessageTimeToLive = properties.Duration("DefaultMessageTimeToLive", defaults.DefaultMessageTimeToLive),
            DeadLetteringOnMessageExpiration = properties.Boolean("DeadLetteringOnMessageExpiration"),
            DeadLetteringOnFilterEvaluationExceptions = properties.Boolean(
                "DeadLetteringOnFilterEvaluationExceptions", defaults.DeadLetteringOnFilterEvaluationExceptions),
            RequiresSession = properties.Boolean("RequiresSession"),
            ForwardTo = properties.Text("ForwardTo"),
            ForwardDeadLetteredMessagesTo = properties.Text("ForwardDeadLetteredMessagesTo"),
            Status = properties.Choice<EntityStatus>("Status"),
        };
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
