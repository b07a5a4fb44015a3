using System.Xml.Linq;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>SubscriptionDescription.</summary>
internal static class SubscriptionXml
{
    public const string Name = "SubscriptionDescription";

    /// <param name="name">The subscription's.</param>
    /// <param name="reader">The description; absent elements are the defaults. A
    /// DefaultRuleDescription takes the place of <c>$Default</c>.</param>
    public static SubscriptionSettings Read(string name, DescriptionReader reader)
    {
        var absent = new SubscriptionSettings { Name = name };
        return absent with
        {
            LockDuration = reader.Duration("LockDuration", absent.LockDuration),
            RequiresSession = reader.Boolean("RequiresSession", absent.RequiresSession),
            DefaultMessageTimeToLive = ExtrasXml.TimeToLive(reader),
            DeadLetteringOnMessageExpiration = reader.Boolean("DeadLetteringOnMessageExpiration", absent.DeadLetteringOnMessageExpiration),
            DeadLetteringOnFilterEvaluationExceptions =
                reader.Boolean("DeadLetteringOnFilterEvaluationExceptions", absent.DeadLetteringOnFilterEvaluationExceptions),
            MaxDeliveryCount = reader.Integer("MaxDeliveryCount", absent.MaxDeliveryCount),
            Status = reader.Choice("Status", absent.Status),
            ForwardTo = ExtrasXml.Entity(reader, "ForwardTo"),
            ForwardDeadLetteredMessagesTo = ExtrasXml.Entity(reader, "ForwardDeadLetteredMessagesTo"),
            Extras = ExtrasXml.Read(reader),
            Rules = reader.Element("DefaultRuleDescription") is { } rule
                ? [RuleXml.Read(RuleSettings.DefaultName, rule, reader.Faults)]
                : absent.Rules,
        };
    }

    /// <param name="subscription">Its settings; rules are not part of the description.</param>
    /// <param name="figures">Null where only the settings are of interest.</param>
    /// <param name="address">Turns a forwarding target into what clients expect.</param>
    public static XElement Write(SubscriptionSettings subscription, EntityFigures? figures, Func<string?, string?> address)
    {
        var extras = subscription.Extras;
        var writer = new DescriptionWriter(Name)
            .Add("LockDuration", subscription.LockDuration)
            .Add("RequiresSession", subscription.RequiresSession)
            .Add("DefaultMessageTimeToLive", subscription.DefaultMessageTimeToLive)
            .Add("DeadLetteringOnMessageExpiration", subscription.DeadLetteringOnMessageExpiration)
            .Add("DeadLetteringOnFilterEvaluationExceptions", subscription.DeadLetteringOnFilterEvaluationExceptions);
        if (figures is not null) writer.Add("MessageCount", figures.Total);
        writer.Add("MaxDeliveryCount", subscription.MaxDeliveryCount)
            .Add("EnableBatchedOperations", extras.EnableBatchedOperations)
            .Add("Status", subscription.Status.ToString())
            .AddIf("ForwardTo", address(subscription.ForwardTo));
        if (figures is not null)
        {
            writer.Add("CreatedAt", figures.CreatedAt).Add("UpdatedAt", figures.UpdatedAt).Add("AccessedAt", figures.AccessedAt);
        }
        writer.AddIf("UserMetadata", extras.UserMetadata);
        if (figures is not null) writer.Add(figures);
        writer.AddIf("ForwardDeadLetteredMessagesTo", address(subscription.ForwardDeadLetteredMessagesTo))
            .Add("AutoDeleteOnIdle", extras.AutoDeleteOnIdle)
            .Add("EntityAvailabilityStatus", "Available");
        return writer.Element;
    }
}
