using System.Xml.Linq;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>QueueDescription.</summary>
internal static class QueueXml
{
    public const string Name = "QueueDescription";

    /// <param name="name">The queue's.</param>
    /// <param name="reader">The description; absent elements are the defaults.</param>
    public static QueueSettings Read(string name, DescriptionReader reader)
    {
        var absent = new QueueSettings { Name = name };
        return absent with
        {
            LockDuration = reader.Duration("LockDuration", absent.LockDuration),
            MaxSizeInMegabytes = reader.Integer("MaxSizeInMegabytes", absent.MaxSizeInMegabytes),
            RequiresDuplicateDetection = reader.Boolean("RequiresDuplicateDetection", absent.RequiresDuplicateDetection),
            RequiresSession = reader.Boolean("RequiresSession", absent.RequiresSession),
            DefaultMessageTimeToLive = ExtrasXml.TimeToLive(reader),
            DeadLetteringOnMessageExpiration = reader.Boolean("DeadLetteringOnMessageExpiration", absent.DeadLetteringOnMessageExpiration),
            DuplicateDetectionHistoryTimeWindow = reader.Duration(
                "DuplicateDetectionHistoryTimeWindow", absent.DuplicateDetectionHistoryTimeWindow),
            MaxDeliveryCount = reader.Integer("MaxDeliveryCount", absent.MaxDeliveryCount),
            Status = reader.Choice("Status", absent.Status),
            ForwardTo = ExtrasXml.Entity(reader, "ForwardTo"),
            ForwardDeadLetteredMessagesTo = ExtrasXml.Entity(reader, "ForwardDeadLetteredMessagesTo"),
            Extras = ExtrasXml.Read(reader),
        };
    }

    /// <param name="queue">Its settings.</param>
    /// <param name="figures">Null where only the settings are of interest.</param>
    /// <param name="address">Turns a forwarding target into what clients expect.</param>
    public static XElement Write(QueueSettings queue, EntityFigures? figures, Func<string?, string?> address)
    {
        var extras = queue.Extras;
        var writer = new DescriptionWriter(Name)
            .Add("LockDuration", queue.LockDuration)
            .Add("MaxSizeInMegabytes", queue.MaxSizeInMegabytes)
            .Add("RequiresDuplicateDetection", queue.RequiresDuplicateDetection)
            .Add("RequiresSession", queue.RequiresSession)
            .Add("DefaultMessageTimeToLive", queue.DefaultMessageTimeToLive)
            .Add("DeadLetteringOnMessageExpiration", queue.DeadLetteringOnMessageExpiration)
            .Add("DuplicateDetectionHistoryTimeWindow", queue.DuplicateDetectionHistoryTimeWindow)
            .Add("MaxDeliveryCount", queue.MaxDeliveryCount)
            .Add("EnableBatchedOperations", extras.EnableBatchedOperations);
        if (figures is not null) writer.Add("SizeInBytes", figures.Bytes).Add("MessageCount", figures.Total);
        writer.Add("IsAnonymousAccessible", false)
            .AddRules(extras)
            .Add("Status", queue.Status.ToString())
            .AddIf("ForwardTo", address(queue.ForwardTo))
            .AddIf("UserMetadata", extras.UserMetadata);
        if (figures is not null)
        {
            writer.Add("CreatedAt", figures.CreatedAt).Add("UpdatedAt", figures.UpdatedAt).Add("AccessedAt", figures.AccessedAt);
        }
        writer.Add("SupportOrdering", true);
        if (figures is not null) writer.Add(figures);
        writer.Add("AutoDeleteOnIdle", extras.AutoDeleteOnIdle)
            .Add("EnablePartitioning", extras.EnablePartitioning)
            .AddIf("ForwardDeadLetteredMessagesTo", address(queue.ForwardDeadLetteredMessagesTo))
            .Add("EntityAvailabilityStatus", "Available")
            .Add("EnableExpress", extras.EnableExpress);
        if (extras.MaxMessageSizeInKilobytes is { } size) writer.Add("MaxMessageSizeInKilobytes", size);
        return writer.Element;
    }
}
