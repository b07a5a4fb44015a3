namespace Emulator.ServiceBus.Entities;

/// <summary>What a receiver decided about a locked message.</summary>
/// <param name="Properties">Application properties to set; ignored on complete and release.</param>
internal sealed record Settlement(SettlementKind Kind, IReadOnlyList<KeyValuePair<string, object?>> Properties)
{
    public static Settlement Complete { get; } = new(SettlementKind.Complete, []);

    public static Settlement Release { get; } = new(SettlementKind.Release, []);

    public static Settlement Abandon { get; } = new(SettlementKind.Abandon, []);

    public static Settlement Defer { get; } = new(SettlementKind.Defer, []);
}

internal enum SettlementKind
{
    /// <summary>Done: the message goes away.</summary>
    Complete,

    /// <summary>Failed: back in its place, delivery count up by one.</summary>
    Abandon,

    /// <summary>Set aside: only to be had by sequence number.</summary>
    Defer,

    /// <summary>To the dead-letter queue.</summary>
    DeadLetter,

    /// <summary>Not looked at: back in its place, delivery count unchanged.</summary>
    Release,
}
