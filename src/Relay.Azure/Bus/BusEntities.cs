using Relay.Protocol.Envelopes;

namespace Relay.Azure.Bus;

/// <summary>Names of the bus's entities; the same in the infrastructure, the local stack and the triggers.</summary>
public static class BusEntities
{
    public const string EnvelopesQueue = "envelopes";
    public const string UrgentEnvelopesQueue = "envelopes-urgent";
    public const string SignalsTopic = "signals";

    /// <summary>Subscription of every delegation's topic.</summary>
    public const string InboxSubscription = "inbox";

    /// <summary>The queue that serves a lane.</summary>
    public static string QueueOf(Lane lane) => lane switch
    {
        Lane.Normal => EnvelopesQueue,
        Lane.Urgent => UrgentEnvelopesQueue,
    };
}
