namespace Relay.Risk.Silence;

/// <summary>That a party has fallen silent, or is back.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Party">Its name.</param>
/// <param name="Cause">What is taken to be silent; null when it is back.</param>
/// <param name="Since">When it was heard last before the silence.</param>
/// <param name="At">When that was found; of one that is back, when it was heard.</param>
/// <param name="Suspicion">phi of the silence, 0 to 100.</param>
/// <param name="Longest">
/// Longest gap before it, in seconds; of a mediator in envelopes, one after another, of senders that it vouches for.
/// </param>
/// <param name="Gaps">How many gaps are known.</param>
/// <param name="Confirmers">Mediators that were heard while it was overdue.</param>
public sealed record SilenceNotice(
    PartyKind Kind,
    string Party,
    SilenceCause? Cause,
    DateTimeOffset Since,
    DateTimeOffset At,
    double Suspicion,
    double Longest,
    long Gaps,
    int Confirmers);

/// <summary>What can fall silent; closed.</summary>
public enum PartyKind
{
    /// <summary>A delegation, by its envelopes and acknowledgements.</summary>
    Delegation,

    /// <summary>A mediator, by its signatures that counted.</summary>
    Mediator,

    /// <summary>The relay, by the ledger's entries.</summary>
    Relay,
}

/// <summary>What a silence is laid to; closed.</summary>
public enum SilenceCause
{
    /// <summary>The party: mediators were heard meanwhile, so the way from them to the ledger is open.</summary>
    Party,

    /// <summary>The path, or everybody: nobody of the negotiation is heard, and the relay knows nothing wrong with itself.</summary>
    Path,

    /// <summary>The relay: it knows itself that it cannot work.</summary>
    Relay,
}
