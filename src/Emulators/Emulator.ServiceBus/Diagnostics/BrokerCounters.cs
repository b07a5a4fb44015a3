namespace Emulator.ServiceBus.Diagnostics;

/// <summary>
/// What clients did since the start. Counted at the links, not in the
/// entities: what a rule, a schedule or a forward makes of a message is not
/// something a client did. Members may be called from any thread.
/// </summary>
internal sealed class BrokerCounters
{
    private long _sends;
    private long _sent;
    private long _delivered;
    private long _settled;
    private long _filters;
    private long _operations;
    private long _management;

    /// <summary>A delivery was stored.</summary>
    /// <param name="messages">In it; more than one in a batch.</param>
    /// <param name="filters">Filters each was put to.</param>
    public void Sent(int messages, int filters)
    {
        Interlocked.Increment(ref _sends);
        Interlocked.Add(ref _sent, messages);
        if (filters > 0) Interlocked.Add(ref _filters, (long)messages * filters);
    }

    public void Delivered(int messages) => Interlocked.Add(ref _delivered, messages);

    public void Settled() => Interlocked.Increment(ref _settled);

    /// <summary>
    /// A request to an entity's <c>$management</c>: peek, schedule, renew and their like; rules are <see cref="Managed"/>.
    /// </summary>
    public void Operated() => Interlocked.Increment(ref _operations);

    /// <summary>An entity or rule was created, read, changed, deleted or listed, over REST or AMQP.</summary>
    public void Managed() => Interlocked.Increment(ref _management);

    public BrokerTotals Totals() => new(
        Volatile.Read(ref _sends),
        Volatile.Read(ref _sent),
        Volatile.Read(ref _delivered),
        Volatile.Read(ref _settled),
        Volatile.Read(ref _filters),
        Volatile.Read(ref _operations), Volatile.Read(ref _management));
}

/// <summary>Counts at one moment, or of a time span.</summary>
/// <param name="Sends">Deliveries from clients; a batch is one.</param>
/// <param name="MessagesSent">Messages in them.</param>
/// <param name="MessagesDelivered">Messages that went out to receivers.</param>
/// <param name="MessagesSettled">Settlements by disposition.</param>
/// <param name="FilterEvaluations">Filters that messages sent to topics were put to.</param>
/// <param name="MessageOperations">Requests to <c>$management</c> about messages and sessions.</param>
/// <param name="ManagementOperations">Requests about entities and rules.</param>
internal readonly record struct BrokerTotals(
    long Sends,
    long MessagesSent,
    long MessagesDelivered,
    long MessagesSettled,
    long FilterEvaluations,
    long MessageOperations,
    long ManagementOperations)
{
    /// <summary>Where the prices come from.</summary>
    public const string CreditSource = "https://learn.microsoft.com/azure/service-bus-messaging/service-bus-throttling";

    /// <summary>What a Standard namespace has for each second before it throttles.</summary>
    public const int StandardCreditsPerSecond = 1000;

    private const int PerManagementOperation = 10;

    /// <summary>
    /// What a Standard namespace would have charged, by the page above: 1 for
    /// each send, receive or peek, 1 for each filter evaluation, 10 for each
    /// management operation. The page names no price for settlements, so they count nothing; a batch is one send.
    /// </summary>
    public long Credits =>
        Sends + MessagesDelivered + MessageOperations + FilterEvaluations + (PerManagementOperation * ManagementOperations);

    public BrokerTotals Since(BrokerTotals before) => new(
        Sends - before.Sends,
        MessagesSent - before.MessagesSent,
        MessagesDelivered - before.MessagesDelivered,
        MessagesSettled - before.MessagesSettled,
        FilterEvaluations - before.FilterEvaluations,
        MessageOperations - before.MessageOperations,
        ManagementOperations - before.ManagementOperations);
}
