using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>What became of an envelope that is in the ledger.</summary>
/// <param name="Id">The envelope.</param>
/// <param name="SentAt">When its sender made it; null where no copy is kept.</param>
/// <param name="Index">Its ledger index.</param>
/// <param name="At">When it was accepted, by the relay's clock.</param>
/// <param name="Answers">What its addressees have said, with signatures that verify.</param>
/// <param name="Silent">Addressees that have said nothing.</param>
/// <param name="Unproved">What the relay says that they said, and no key known here has signed.</param>
internal sealed record SentState(
    EnvelopeId Id,
    DateTimeOffset? SentAt,
    long Index,
    DateTimeOffset At,
    IReadOnlyList<EnvelopeAnswer> Answers,
    IReadOnlyList<string> Silent,
    IReadOnlyList<EnvelopeAnswer> Unproved);
