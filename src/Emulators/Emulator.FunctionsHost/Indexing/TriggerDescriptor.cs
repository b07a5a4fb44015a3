using Emulator.FunctionsHost.Settings;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>What starts a function, with every setting resolved.</summary>
/// <param name="Type">The binding's type, as in function metadata.</param>
internal abstract record TriggerDescriptor(string Type)
{
    /// <summary>For people: a queue, a route, a schedule.</summary>
    public abstract string Describe();
}

/// <param name="SubscriptionName">Null for a queue.</param>
/// <param name="IsDeadLetterQueue">Whether the entity's dead-letter queue is read instead of the entity.</param>
/// <param name="AutoCompleteMessages">Null where the binding leaves it to host.json.</param>
/// <param name="IsBatched">Whether an invocation takes several messages.</param>
internal sealed record ServiceBusTriggerDescriptor(
    string QueueOrTopicName,
    string? SubscriptionName,
    bool IsDeadLetterQueue,
    bool? AutoCompleteMessages,
    bool IsSessionsEnabled,
    bool IsBatched,
    ServiceBusConnection Connection)
    : TriggerDescriptor("serviceBusTrigger")
{
    public override string Describe()
    {
        var entity = SubscriptionName is null ? QueueOrTopicName : $"{QueueOrTopicName}/{SubscriptionName}";
        return IsDeadLetterQueue ? $"{entity}/$DeadLetterQueue" : entity;
    }
}

/// <param name="Route">Below the host's address, with the route prefix; no leading slash.</param>
/// <param name="Methods">Upper case; empty for all.</param>
internal sealed record HttpTriggerDescriptor(string Route, IReadOnlyList<string> Methods, AuthLevel Level)
    : TriggerDescriptor("httpTrigger")
{
    public override string Describe() => $"{(Methods.Count == 0 ? "ANY" : string.Join(',', Methods))} /{Route}";
}

/// <param name="UseMonitor">Whether the function is told the runs around this one.</param>
internal sealed record TimerTriggerDescriptor(string Expression, TimerSchedule Schedule, bool RunOnStartup, bool UseMonitor)
    : TriggerDescriptor("timerTrigger")
{
    public override string Describe() => Expression;
}
