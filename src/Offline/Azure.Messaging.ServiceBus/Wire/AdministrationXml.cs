using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Azure.Messaging.ServiceBus.Administration;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Descriptions of entities in ATOM entries.</summary>
internal static class AdministrationXml
{
    public static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    public static readonly XNamespace Connect = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    // Far above any page of descriptions.
    private const int MaxCharacters = 64 * 1024 * 1024;

    public static XElement ToEntry(XElement description) =>
        new(Atom + "entry", new XElement(Atom + "content", new XAttribute("type", "application/xml"), description));

    /// <summary>The one entry, or those of a feed.</summary>
    public static IEnumerable<XElement> Entries(Response response)
    {
        var root = Parse(response);
        return root.Name == Atom + "entry" ? [root] : root.Elements(Atom + "entry");
    }

    /// <summary>What the service says went wrong; null when it does not.</summary>
    public static string? ErrorDetail(Response response)
    {
        try
        {
            return Parse(response).Element("Detail")?.Value;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public static bool IsQueue(XElement entry) => Description(entry).Name.LocalName == "QueueDescription";

    public static bool IsTopic(XElement entry) => Description(entry).Name.LocalName == "TopicDescription";

    public static bool IsSubscription(XElement entry) => Description(entry).Name.LocalName == "SubscriptionDescription";

    public static NamespaceProperties ReadNamespace(XElement entry)
    {
        var info = Description(entry);
        return new NamespaceProperties
        {
            Name = Text(info, "Name"),
            Alias = Text(info, "Alias"),
            CreatedTime = Time(info, "CreatedTime"),
            ModifiedTime = Time(info, "ModifiedTime"),
            MessagingSku = Text(info, "MessagingSKU") ?? "",
            MessagingUnits = (int)Number(info, "MessagingUnits", 0),
        };
    }

    public static QueueProperties ReadQueue(XElement entry)
    {
        var queue = Description(entry, "QueueDescription");
        var defaults = new QueueProperties(Title(entry));
        return new QueueProperties(Title(entry))
        {
            LockDuration = Duration(queue, "LockDuration", defaults.LockDuration),
            MaxSizeInMegabytes = Number(queue, "MaxSizeInMegabytes", defaults.MaxSizeInMegabytes),
            RequiresDuplicateDetection = Flag(queue, "RequiresDuplicateDetection", false),
            RequiresSession = Flag(queue, "RequiresSession", false),
            DefaultMessageTimeToLive = Duration(queue, "DefaultMessageTimeToLive", TimeSpan.MaxValue),
            AutoDeleteOnIdle = Duration(queue, "AutoDeleteOnIdle", TimeSpan.MaxValue),
            DeadLetteringOnMessageExpiration = Flag(queue, "DeadLetteringOnMessageExpiration", false),
            DuplicateDetectionHistoryTimeWindow = Duration(queue, "DuplicateDetectionHistoryTimeWindow", defaults.DuplicateDetectionHistoryTimeWindow),
            MaxDeliveryCount = (int)Number(queue, "MaxDeliveryCount", defaults.MaxDeliveryCount),
            EnableBatchedOperations = Flag(queue, "EnableBatchedOperations", true),
            Status = Text(queue, "Status") ?? EntityStatus.Active,
            ForwardTo = Path(queue, "ForwardTo"),
            ForwardDeadLetteredMessagesTo = Path(queue, "ForwardDeadLetteredMessagesTo"),
            EnablePartitioning = Flag(queue, "EnablePartitioning", false),
            UserMetadata = Text(queue, "UserMetadata"),
            MaxMessageSizeInKilobytes = Text(queue, "MaxMessageSizeInKilobytes") is null ? null : Number(queue, "MaxMessageSizeInKilobytes", 0),
        };
    }

    public static QueueRuntimeProperties ReadQueueRuntime(XElement entry)
    {
        var queue = Description(entry, "QueueDescription");
        return new QueueRuntimeProperties
        {
            Name = Title(entry),
            TotalMessageCount = Number(queue, "MessageCount", 0),
            ActiveMessageCount = Count(queue, "ActiveMessageCount"),
            DeadLetterMessageCount = Count(queue, "DeadLetterMessageCount"),
            ScheduledMessageCount = Count(queue, "ScheduledMessageCount"),
            TransferMessageCount = Count(queue, "TransferMessageCount"),
            TransferDeadLetterMessageCount = Count(queue, "TransferDeadLetterMessageCount"),
            SizeInBytes = Number(queue, "SizeInBytes", 0),
            CreatedAt = Time(queue, "CreatedAt"),
            UpdatedAt = Time(queue, "UpdatedAt"),
            AccessedAt = Time(queue, "AccessedAt"),
        };
    }

    public static TopicProperties ReadTopic(XElement entry)
    {
        var topic = Description(entry, "TopicDescription");
        var defaults = new TopicProperties(Title(entry));
        return new TopicProperties(Title(entry))
        {
            MaxSizeInMegabytes = Number(topic, "MaxSizeInMegabytes", defaults.MaxSizeInMegabytes),
            RequiresDuplicateDetection = Flag(topic, "RequiresDuplicateDetection", false),
            DefaultMessageTimeToLive = Duration(topic, "DefaultMessageTimeToLive", TimeSpan.MaxValue),
            AutoDeleteOnIdle = Duration(topic, "AutoDeleteOnIdle", TimeSpan.MaxValue),
            DuplicateDetectionHistoryTimeWindow = Duration(topic, "DuplicateDetectionHistoryTimeWindow", defaults.DuplicateDetectionHistoryTimeWindow),
            EnableBatchedOperations = Flag(topic, "EnableBatchedOperations", true),
            Status = Text(topic, "Status") ?? EntityStatus.Active,
            EnablePartitioning = Flag(topic, "EnablePartitioning", false),
            UserMetadata = Text(topic, "UserMetadata"),
            MaxMessageSizeInKilobytes = Text(topic, "MaxMessageSizeInKilobytes") is null ? null : Number(topic, "MaxMessageSizeInKilobytes", 0),
            SupportOrdering = Flag(topic, "SupportOrdering", false),
        };
    }

    public static TopicRuntimeProperties ReadTopicRuntime(XElement entry)
    {
        var topic = Description(entry, "TopicDescription");
        return new TopicRuntimeProperties
        {
            Name = Title(entry),
            ScheduledMessageCount = Count(topic, "ScheduledMessageCount"),
            SizeInBytes = Number(topic, "SizeInBytes", 0),
            SubscriptionCount = (int)Number(topic, "SubscriptionCount", 0),
            CreatedAt = Time(topic, "CreatedAt"),
            UpdatedAt = Time(topic, "UpdatedAt"),
            AccessedAt = Time(topic, "AccessedAt"),
        };
    }

    public static SubscriptionProperties ReadSubscription(string topicName, XElement entry)
    {
        var subscription = Description(entry, "SubscriptionDescription");
        var defaults = new SubscriptionProperties(topicName, Title(entry));
        return new SubscriptionProperties(topicName, Title(entry))
        {
            LockDuration = Duration(subscription, "LockDuration", defaults.LockDuration),
            RequiresSession = Flag(subscription, "RequiresSession", false),
            DefaultMessageTimeToLive = Duration(subscription, "DefaultMessageTimeToLive", TimeSpan.MaxValue),
            AutoDeleteOnIdle = Duration(subscription, "AutoDeleteOnIdle", TimeSpan.MaxValue),
            DeadLetteringOnMessageExpiration = Flag(subscription, "DeadLetteringOnMessageExpiration", false),
            EnableDeadLetteringOnFilterEvaluationExceptions = Flag(subscription, "DeadLetteringOnFilterEvaluationExceptions", true),
            MaxDeliveryCount = (int)Number(subscription, "MaxDeliveryCount", defaults.MaxDeliveryCount),
            EnableBatchedOperations = Flag(subscription, "EnableBatchedOperations", true),
            Status = Text(subscription, "Status") ?? EntityStatus.Active,
            ForwardTo = Path(subscription, "ForwardTo"),
            ForwardDeadLetteredMessagesTo = Path(subscription, "ForwardDeadLetteredMessagesTo"),
            UserMetadata = Text(subscription, "UserMetadata"),
        };
    }

    public static SubscriptionRuntimeProperties ReadSubscriptionRuntime(string topicName, XElement entry)
    {
        var subscription = Description(entry, "SubscriptionDescription");
        return new SubscriptionRuntimeProperties
        {
            TopicName = topicName,
            SubscriptionName = Title(entry),
            TotalMessageCount = Number(subscription, "MessageCount", 0),
            ActiveMessageCount = Count(subscription, "ActiveMessageCount"),
            DeadLetterMessageCount = Count(subscription, "DeadLetterMessageCount"),
            TransferMessageCount = Count(subscription, "TransferMessageCount"),
            TransferDeadLetterMessageCount = Count(subscription, "TransferDeadLetterMessageCount"),
            CreatedAt = Time(subscription, "CreatedAt"),
            UpdatedAt = Time(subscription, "UpdatedAt"),
            AccessedAt = Time(subscription, "AccessedAt"),
        };
    }

    // The cloud takes elements in the order of its schema only.
    public static XElement Write(QueueProperties queue) => Element(
        "QueueDescription",
        Child("LockDuration", queue.LockDuration),
        Child("MaxSizeInMegabytes", queue.MaxSizeInMegabytes),
        Child("RequiresDuplicateDetection", queue.RequiresDuplicateDetection),
        Child("RequiresSession", queue.RequiresSession),
        Limit("DefaultMessageTimeToLive", queue.DefaultMessageTimeToLive),
        Child("DeadLetteringOnMessageExpiration", queue.DeadLetteringOnMessageExpiration),
        queue.RequiresDuplicateDetection ? Child("DuplicateDetectionHistoryTimeWindow", queue.DuplicateDetectionHistoryTimeWindow) : null,
        Child("MaxDeliveryCount", queue.MaxDeliveryCount),
        Child("EnableBatchedOperations", queue.EnableBatchedOperations),
        Child("Status", queue.Status),
        Optional("ForwardTo", queue.ForwardTo),
        Optional("UserMetadata", queue.UserMetadata),
        Limit("AutoDeleteOnIdle", queue.AutoDeleteOnIdle),
        Child("EnablePartitioning", queue.EnablePartitioning),
        Optional("ForwardDeadLetteredMessagesTo", queue.ForwardDeadLetteredMessagesTo),
        Optional("MaxMessageSizeInKilobytes", queue.MaxMessageSizeInKilobytes));

    public static XElement Write(TopicProperties topic) => Element(
        "TopicDescription",
        Limit("DefaultMessageTimeToLive", topic.DefaultMessageTimeToLive),
        Child("MaxSizeInMegabytes", topic.MaxSizeInMegabytes),
        Child("RequiresDuplicateDetection", topic.RequiresDuplicateDetection),
        topic.RequiresDuplicateDetection ? Child("DuplicateDetectionHistoryTimeWindow", topic.DuplicateDetectionHistoryTimeWindow) : null,
        Child("EnableBatchedOperations", topic.EnableBatchedOperations),
        Child("Status", topic.Status),
        Optional("UserMetadata", topic.UserMetadata),
        Child("SupportOrdering", topic.SupportOrdering),
        Limit("AutoDeleteOnIdle", topic.AutoDeleteOnIdle),
        Child("EnablePartitioning", topic.EnablePartitioning),
        Optional("MaxMessageSizeInKilobytes", topic.MaxMessageSizeInKilobytes));

    public static XElement Write(SubscriptionProperties subscription, CreateRuleOptions? rule) => Element(
        "SubscriptionDescription",
        Child("LockDuration", subscription.LockDuration),
        Child("RequiresSession", subscription.RequiresSession),
        Limit("DefaultMessageTimeToLive", subscription.DefaultMessageTimeToLive),
        Child("DeadLetteringOnMessageExpiration", subscription.DeadLetteringOnMessageExpiration),
        Child("DeadLetteringOnFilterEvaluationExceptions", subscription.EnableDeadLetteringOnFilterEvaluationExceptions),
        rule is null ? null : RuleDescriptionXml.Write("DefaultRuleDescription", rule),
        Child("MaxDeliveryCount", subscription.MaxDeliveryCount),
        Child("EnableBatchedOperations", subscription.EnableBatchedOperations),
        Child("Status", subscription.Status),
        Optional("ForwardTo", subscription.ForwardTo),
        Optional("UserMetadata", subscription.UserMetadata),
        Optional("ForwardDeadLetteredMessagesTo", subscription.ForwardDeadLetteredMessagesTo),
        Limit("AutoDeleteOnIdle", subscription.AutoDeleteOnIdle));

    public static XElement Element(string name, params object?[] content) => new(Connect + name, content);

    /// <summary>The description of an entry.</summary>
    public static XElement Description(XElement entry) =>
        entry.Element(Atom + "content")?.Elements().FirstOrDefault() ?? throw new XmlException("Expected an entry with a description in its content, got none.");

    public static string Title(XElement entry) => entry.Element(Atom + "title")?.Value ?? "";

    public static string? Text(XElement parent, string name) => parent.Element(Connect + name)?.Value is { Length: > 0 } text ? text : null;

    /// <summary>A topic where a queue was asked for is not found.</summary>
    private static XElement Description(XElement entry, string expected) => Description(entry) is var found && found.Name.LocalName == expected
        ? found
        : throw new ServiceBusException($"Entity '{Title(entry)}' was not found.", ServiceBusFailureReason.MessagingEntityNotFound, Title(entry));

    private static XElement Parse(Response response)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters };
        using var reader = XmlReader.Create(response.Content.ToStream(), settings);
        return XElement.Load(reader);
    }

    private static XElement Child(string name, object value) => Element(name, value is EntityStatus status ? status.ToString() : value);

    private static XElement? Optional(string name, object? value) => value is null ? null : Element(name, value);

    private static XElement? Limit(string name, TimeSpan value) => value == TimeSpan.MaxValue ? null : Child(name, value);

    private static TimeSpan Duration(XElement parent, string name, TimeSpan absent) => Text(parent, name) is { } text ? XmlConvert.ToTimeSpan(text) : absent;

    private static bool Flag(XElement parent, string name, bool absent) => Text(parent, name) is { } text ? XmlConvert.ToBoolean(text) : absent;

    private static long Number(XElement parent, string name, long absent) => Text(parent, name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : absent;

    private static DateTimeOffset Time(XElement parent, string name) => Text(parent, name) is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : default;

    private static long Count(XElement parent, string name) =>
        parent.Element(Connect + "CountDetails")?.Elements().FirstOrDefault(child => child.Name.LocalName == name) is { } count
            ? long.Parse(count.Value, CultureInfo.InvariantCulture)
            : 0;

    // The service answers with a URL; users gave a path.
    private static string? Path(XElement parent, string name) =>
        Text(parent, name) is { } text ? Uri.TryCreate(text, UriKind.Absolute, out var address) ? Uri.UnescapeDataString(address.AbsolutePath).Trim('/') : text : null;
}
