using Relay.Checker;
using Relay.Protocol.Ledger;

namespace Relay.Cli.Demo;

/// <summary>What came out of a demo, and every way in which it differs from what had to come out.</summary>
internal sealed record DemoTally
{
    /// <summary>Envelopes each recipient got, opened and found right.</summary>
    public required int Forwarded { get; init; }

    /// <summary>What the dead-letter queues say of each hostile envelope, by its name.</summary>
    public required IReadOnlyDictionary<string, Refusal> Refusals { get; init; }

    /// <summary>What a check of the relay's ledger found, when its store is at hand; else null.</summary>
    public required LedgerReport? Ledger { get; init; }

    /// <summary>True when the envelope that was sent before its turn waited for the one before it.</summary>
    public required bool Held { get; init; }

    /// <summary>Receipts of what recipients said of envelopes that they opened, checked.</summary>
    public required IReadOnlyList<AcknowledgementReceipt> Said { get; init; }

    /// <summary>What was shown of keys that are used once, in a line; null when nothing was.</summary>
    public string? Secrecy { get; init; }

    /// <summary>
    /// From the call that sent an envelope to its arrival at a recipient,
    /// one entry a delivery; of the burst, without what is sent at the end.
    /// </summary>
    public required IReadOnlyList<TimeSpan> Latencies { get; init; }

    /// <summary>From the first send to the last arrival of the burst; zero when not all of it arrived.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>One sentence per wrong result; empty when the relay did everything right.</summary>
    public required IReadOnlyList<string> Wrong { get; init; }
}

/// <summary>What a dead-lettered message says of itself.</summary>
/// <param name="Reason">Reason code.</param>
/// <param name="Description">What was expected and what came.</param>
internal sealed record Refusal(string Reason, string Description);
