using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Prekeys;
using Relay.Client.Storage;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Parties;

/// <summary>Who a delegation is, whom it trusts and where it keeps what it must not lose.</summary>
public sealed class DelegationClientOptions
{
    /// <summary>The negotiation, from a source that the delegation trusts.</summary>
    public required NegotiationDocument Document { get; init; }

    /// <summary>Documents before this one whose entries may still arrive, or stand in the ledger; none by default.</summary>
    public IReadOnlyList<NegotiationDocument> EarlierDocuments { get; init; } = [];

    /// <summary>The delegation's name in the document.</summary>
    public required string Delegation { get; init; }

    /// <summary>Its identity key, one that the document names: <c>{delegation}#{number}</c>, ES256. The caller owns it.</summary>
    public required IJwsSigner Identity { get; init; }

    /// <summary>Its private encryption keys. The caller owns them.</summary>
    public required IReadOnlyCollection<PrivateJwk> DecryptionKeys { get; init; }

    /// <summary>Where the public keys of mediators and relay come from.</summary>
    public required IMediatorKeys Keys { get; init; }

    /// <summary>The relay's name: its ledgers' origin is <c>{name}/{negotiation}</c>.</summary>
    public required string RelayName { get; init; }

    /// <summary>The vault key that certifies the relay's checkpoint keys, without version: <c>https://{vault}/keys/{name}</c>.</summary>
    public required string RelayKey { get; init; }

    /// <summary>Where what must not be lost is kept.</summary>
    public required IDelegationStore Store { get; init; }

    /// <summary>
    /// The relay's HTTP API, with what names the delegation there (a client certificate or an access token) and a base address that ends in
    /// a slash. Null receives without asking the ledger for proofs, and neither acknowledges nor audits. The caller owns it.
    /// </summary>
    public HttpClient? Relay { get; init; }

    /// <summary>
    /// The delegation's private prekeys: with them and <see cref="Relay"/>, what it seals is for keys that are used once, and what was
    /// sealed for its own is opened. Null seals to the document's keys. The caller owns it.
    /// </summary>
    public PrekeyStore? Prekeys { get; init; }

    /// <summary>When prekeys are refilled and rotated.</summary>
    public PrekeyPolicy PrekeyPolicy { get; init; } = new();

    /// <summary>Whether what was taken or refused is acknowledged; default true.</summary>
    public bool Acknowledges { get; init; } = true;

    /// <summary>How far each sender's order is restored; default <see cref="InboxOrder.Default"/>.</summary>
    public InboxOrder Order { get; init; } = InboxOrder.Default;

    /// <summary>Least time between two questions for a consistency proof; default 10 s.</summary>
    public TimeSpan LinkEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Check()
    {
        if (!Document.Delegations.ContainsKey(Delegation))
        {
            throw new ArgumentException($"Expected a delegation of {Document.Negotiation}, got '{Delegation}'.");
        }
        if (EarlierDocuments.FirstOrDefault(earlier => earlier.Negotiation != Document.Negotiation) is { } other)
        {
            throw new ArgumentException($"Expected earlier documents of {Document.Negotiation}, got one of {other.Negotiation}.");
        }
        if (Prekeys is { } store && (store.Delegation != Delegation || store.Negotiation != Document.Negotiation))
        {
            throw new ArgumentException(
                $"Expected prekeys of {Delegation} in {Document.Negotiation}, got those of {store.Delegation} in {store.Negotiation}.");
        }
        if (Relay is { BaseAddress: null })
        {
            throw new ArgumentException("Expected a client with the relay's base address.");
        }
    }
}
