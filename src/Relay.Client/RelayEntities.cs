using Relay.Protocol.Envelopes;

namespace Relay.Client;

/// <summary>Names of the relay's Service Bus entities.</summary>
public static class RelayEntities
{
    /// <summary>Subscription of every delegation's topic.</summary>
    public const string InboxSubscription = "inbox";

    /// <summary>The queue that takes a lane's envelopes.</summary>
    public static string QueueOf(Lane lane) => lane switch
    {
        Lane.Normal => "envelopes",
        Lane.Urgent => "envelopes-urgent",
    };
}
