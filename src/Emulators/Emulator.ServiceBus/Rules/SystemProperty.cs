namespace Emulator.ServiceBus.Rules;

/// <summary>What the <c>sys.</c> scope of rules names.</summary>
internal enum SystemProperty
{
    MessageId,
    CorrelationId,
    SessionId,
    To,
    ReplyTo,
    ReplyToSessionId,
    Label,
    ContentType,
    PartitionKey,
    TimeToLive,
    ScheduledEnqueueTimeUtc,
    EnqueuedTimeUtc,
    ExpiresAtUtc,
    SequenceNumber,
    EnqueuedSequenceNumber,
    DeliveryCount,
}

/// <summary>Names of system properties, and which an action may change.</summary>
internal static class SystemProperties
{
    private static readonly Dictionary<string, SystemProperty> Names = MakeNames();

    /// <summary>Finds a name, whatever its case; <c>Subject</c> is another name of <c>Label</c>.</summary>
    public static bool TryFind(string name, out SystemProperty property) => Names.TryGetValue(name, out property);

    /// <summary>Whether an action may set it: what the sender wrote, not what the broker says.</summary>
    public static bool IsSettable(SystemProperty property) => property switch
    {
        SystemProperty.MessageId
            or SystemProperty.CorrelationId
            or SystemProperty.SessionId
            or SystemProperty.To
            or SystemProperty.ReplyTo =>
            true,
        SystemProperty.ReplyToSessionId or SystemProperty.Label or SystemProperty.ContentType or SystemProperty.TimeToLive => true,
        SystemProperty.PartitionKey
            or SystemProperty.ScheduledEnqueueTimeUtc
            or SystemProperty.EnqueuedTimeUtc
            or SystemProperty.ExpiresAtUtc =>
            false,
        SystemProperty.SequenceNumber or SystemProperty.EnqueuedSequenceNumber or SystemProperty.DeliveryCount => false,
    };

    private static Dictionary<string, SystemProperty> MakeNames()
    {
        var names = Enum.GetValues<SystemProperty>().ToDictionary(property => property.ToString(), StringComparer.OrdinalIgnoreCase);
        names.Add("Subject", SystemProperty.Label);
        return names;
    }
}
