namespace Relay.Protocol.Negotiations;

/// <summary>A mediator as the negotiation document has it.</summary>
/// <param name="Name">Name, see <see cref="Envelopes.RelayName"/>.</param>
/// <param name="Key">Its Key Vault key without version, <c>https://{vault}/keys/{name}</c>.</param>
/// <param name="Weight">What its signature adds, 1 to 1,000,000.</param>
public sealed record NegotiationMediator(string Name, string Key, int Weight);
