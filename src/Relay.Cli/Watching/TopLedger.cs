namespace Relay.Cli.Watching;

/// <summary>What <c>relay top</c> shows of a negotiation. Texts are made visible already.</summary>
/// <param name="Name">Of the negotiation.</param>
/// <param name="Proof">What was verified here of its ledger, or why not.</param>
/// <param name="Holds">False when something does not hold; null when it cannot be told now.</param>
/// <param name="Mode">Open, read-only or closed.</param>
/// <param name="Size">Entries.</param>
/// <param name="Sent">Envelopes in the window.</param>
/// <param name="PerMinute">Of them.</param>
/// <param name="Unanswered">Envelopes and addressees that have said nothing.</param>
/// <param name="Refused">By addressees, in the window.</param>
/// <param name="Silence">Largest suspicion of silence over its senders; null where none has enough gaps.</param>
/// <param name="Alarms">Changes of pace and contradictions.</param>
/// <param name="Newest">When the newest entry was written; null without one.</param>
/// <param name="Details">Lines about senders, directions, answers and mediators.</param>
/// <param name="Entries">The newest entries, the newest first, a line each.</param>
internal sealed record TopLedger(
    string Name,
    string Proof,
    bool? Holds,
    string Mode,
    long Size,
    int Sent,
    double PerMinute,
    int Unanswered,
    int Refused,
    double? Silence,
    int Alarms,
    DateTimeOffset? Newest,
    IReadOnlyList<string> Details,
    IReadOnlyList<string> Entries);
