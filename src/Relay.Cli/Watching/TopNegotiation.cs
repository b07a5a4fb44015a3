namespace Relay.Cli.Watching;

/// <summary>What <c>relay top</c> shows of a negotiation; absent is unknown. Texts are made visible already.</summary>
/// <param name="Name">Of the negotiation.</param>
internal sealed record TopNegotiation(string Name)
{
    /// <summary>When the relay read these figures.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Why there are no newer figures; null when they were read.</summary>
    public string? Trouble { get; init; }

    /// <summary>Open, read-only or closed.</summary>
    public string? Mode { get; init; }

    /// <summary>Of the last hour.</summary>
    public TopFlow? Flow { get; init; }

    /// <summary>Entries of its ledger.</summary>
    public long? Size { get; init; }

    /// <summary>Streams in which something waits for a gap.</summary>
    public int? Gaps { get; init; }

    /// <summary>When the newest entry was made.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Envelopes and addressees that have said nothing.</summary>
    public int? Unanswered { get; init; }

    /// <summary>Largest suspicion of silence over its senders; null where none has enough gaps.</summary>
    public double? Silence { get; init; }

    /// <summary>Changes of pace and contradictions.</summary>
    public int? Alarms { get; init; }

    /// <summary>What was verified here of its ledger, or why not; null while nobody has looked into it.</summary>
    public string? Proof { get; init; }

    /// <summary>False when the ledger does not hold, true when it does; null when that was not asked, or cannot be told now.</summary>
    public bool? Holds { get; init; }

    /// <summary>Lines about flow, reasons, streams, senders, answers and mediators.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>The newest entries, the newest first, a line each.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];
}
