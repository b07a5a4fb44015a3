using System.Collections.Immutable;
using Relay.Protocol.Envelopes;

namespace Relay.Risk.Observations;

/// <summary>
/// An accepted envelope as signals see it: what the relay sees of any envelope, and of that no digest, hash or signature.
/// </summary>
/// <param name="Index">Index of its entry.</param>
/// <param name="At">When the relay accepted it.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Lane">In which lane.</param>
/// <param name="Sequence">Its number in the stream.</param>
/// <param name="Audience">Whom it is addressed to.</param>
/// <param name="DueAt">When it was written, or may be delivered where that is later: from then on it was under way.</param>
/// <param name="Vouched">Names of the mediators whose signatures counted.</param>
/// <param name="Share">Their part of the whole weight, above 0 to 1.</param>
public sealed record ObservedEnvelope(
    long Index,
    DateTimeOffset At,
    string Sender,
    Lane Lane,
    long Sequence,
    ImmutableArray<string> Audience,
    DateTimeOffset DueAt,
    ImmutableArray<string> Vouched,
    double Share);
