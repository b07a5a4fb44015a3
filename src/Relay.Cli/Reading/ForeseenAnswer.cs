using Relay.Client.Keys;
using Relay.Core;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Cli.Reading;

/// <summary>
/// What a relay will answer to an envelope, told from the negotiation's document and the mediators' public keys: the relay itself tells
/// no reason to who has proved nothing.
/// </summary>
/// <param name="Ruling">Null for what would be admitted.</param>
/// <param name="Quorum">What became of its signatures.</param>
internal sealed record ForeseenAnswer(Ruling? Ruling, QuorumResult Quorum)
{
    /// <summary>Finds it; a key that cannot be read is a ruling, never an exception.</summary>
    public static async Task<ForeseenAnswer> FindAsync(
        Envelope envelope, NegotiationDocument document, IMediatorKeys keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var quorum = await new QuorumVerifier(keys).VerifyAsync(envelope.Signatures, document, null, cancellationToken);
        return new ForeseenAnswer(ForeseenRuling.Find(envelope.Head, document, quorum, now), quorum);
    }
}
