using System.Xml.Linq;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>TopicDescription.</summary>
internal static class TopicXml
{
    public const string Name = "TopicDescription";

    /// <param name="name">The topic's.</param>
    /// <param name="reader">The description; absent elements are the defaults.</param>
    public static TopicSettings Read(string name, DescriptionReader reader)
    {
        var absent = new TopicSettings { Name = name };
        return absent with
        {
            DefaultMessageTimeToLive = ExtrasXml.TimeToLive(reader),
            MaxSizeInMegabytes = reader.Integer("MaxSizeInMegabytes", absent.MaxSizeInMegabytes),
            RequiresDuplicateDetection = reader.Boolean("RequiresDuplicateDetection", absent.RequiresDuplicateDetection),
            DuplicateDetectionHistoryTimeWindow = reader.Duration(
                "DuplicateDetectionHistoryTimeWindow", absent.DuplicateDetectionHistoryTimeWindow),
            Status = reader.Choice("Status", absent.Status),
            Extras = ExtrasXml.Read(reader),
        };
    }

    /// <param name="topic">Its settings.</param>
    /// <param name="figures">Null where only the settings are of interest.</param>
    public static XElement Write(TopicSettings topic, EntityFigures? figures)
    {
        var extras = topic.Extras;
        var writer = new DescriptionWriter(Name)
            .Add("DefaultMessageTimeToLive", topic.DefaultMessageTimeToLive)
            .Add("MaxSizeInMegabytes", topic.MaxSizeInMegabytes)
            .Add("RequiresDuplicateDetection", topic.RequiresDuplicateDetection)
            .Add("DuplicateDetectionHistoryTimeWindow", topic.DuplicateDetectionHistoryTimeWindow)
            .Add("EnableBatchedOperations", extras.EnableBatchedOperations);
        if (figures is not null) writer.Add("SizeInBytes", figures.Bytes);
        writer.Add("FilteringMessagesBeforePublishing", false)
            .Add("IsAnonymousAccessible", false)
            .AddRules(extras)
            .Add("Status", topic.Status.ToString())
            .AddIf("UserMetadata", extras.UserMetadata);
        if (figures is not null)
        {
            writer.Add("CreatedAt", figures.CreatedAt).Add("UpdatedAt", figures.UpdatedAt).Add("AccessedAt", figures.AccessedAt);
        }
        writer.Add("SupportOrdering", extras.SupportOrdering);
        if (figures is not null) writer.Add(figures).Add("SubscriptionCount", figures.Subscriptions);
        writer.Add("AutoDeleteOnIdle", extras.AutoDeleteOnIdle)
            .Add("EnablePartitioning", extras.EnablePartitioning)
            .Add("EntityAvailabilityStatus", "Available")
            .Add("EnableSubscriptionPartitioning", false)
            .Add("EnableExpress", extras.EnableExpress);
        if (extras.MaxMessageSizeInKilobytes is { } size) writer.Add("MaxMessageSizeInKilobytes", size);
        return writer.Element;
    }
}
