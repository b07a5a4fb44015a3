namespace Relay.Local.Topology;

/// <summary>A Config.json in the official Service Bus emulator's format.</summary>
/// <param name="Json">Indented, ends with a newline.</param>
/// <param name="Notes">One sentence for each setting that was changed to fit the emulator; empty when all are as in the topology.</param>
public sealed record EmulatorConfig(string Json, IReadOnlyList<string> Notes);

/// <summary>What an emulator accepts.</summary>
public enum EmulatorLimits
{
    /// <summary>The cloud's ranges: for this repository's own emulator.</summary>
    Cloud,

    /// <summary>
    /// The official emulator's schema: time to live 5 min to 1 h, duplicate
    /// detection window 5 s to 5 min, lock 5 s (subscriptions 1 min) to
    /// 5 min, at most 10 deliveries, 50 queues and topics.
    /// </summary>
    Official,
}
