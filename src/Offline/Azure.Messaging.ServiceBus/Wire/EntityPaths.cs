namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>How the parts of an entity are addressed.</summary>
internal static class EntityPaths
{
    /// <summary>Path of a subscription.</summary>
    public static string Subscription(string topicName, string subscriptionName) => $"{topicName}/Subscriptions/{subscriptionName}";

    /// <summary>Path of one of an entity's queues.</summary>
    public static string Of(string entityPath, SubQueue subQueue) => subQueue switch
    {
        SubQueue.None => entityPath,
        SubQueue.DeadLetter => $"{entityPath}/$DeadLetterQueue",
        SubQueue.TransferDeadLetter => $"{entityPath}/$Transfer/$DeadLetterQueue",
    };

    /// <summary>Address of an entity's management node.</summary>
    public static string Management(string entityPath) => $"{entityPath}/$management";
}
