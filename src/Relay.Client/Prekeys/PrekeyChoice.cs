using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;

namespace Relay.Client.Prekeys;

/// <summary>The key that an envelope's content is sealed to for one addressee, and how long it can be opened. Immutable.</summary>
/// <param name="Delegation">The addressee.</param>
/// <param name="Key">The key.</param>
/// <param name="Bundle">The bundle that it is of; null for a key of the negotiation document.</param>
/// <param name="Why">Why it is no one-time key; empty when it is one.</param>
public sealed record PrekeyChoice(string Delegation, PublicJwk Key, PrekeyBundle? Bundle, string Why)
{
    /// <summary>True for a key that serves this envelope alone, and is gone once that is opened.</summary>
    public bool IsOneTime => Why.Length == 0;

    /// <summary>
    /// Until when whoever comes by the addressee's keys can open the content: when the session key is removed; null for a one-time key,
    /// which is removed with the opening, and for a key of the document, which is kept for as long as the addressee keeps it.
    /// </summary>
    public DateTimeOffset? OpenableUntil =>
        !IsOneTime && Bundle is not null ? PrekeyStore.OpenableUntil(Bundle.ExpiresAt) : null;

    /// <summary>In words, as a receipt says it.</summary>
    public override string ToString() => this switch
    {
        { IsOneTime: true } => $"one-time key {Key.KeyId}",
        { OpenableUntil: { } until } => $"reusable key {Key.KeyId}, can be opened until {until:u}: {Why}",
        _ => $"lasting key {Key.KeyId}, can be opened for as long as it is kept: {Why}",
    };
}
