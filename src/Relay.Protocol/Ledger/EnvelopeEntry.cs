using System.Collections.Immutable;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// An accepted envelope: which, for whom, on whose word and under which
/// policy. Text: kind, id, digest, audience, mediators, policy digest, time.
/// </summary>
public sealed class EnvelopeEntry : LedgerEntry
{
    /// <summary>Most mediators of one entry: as many as an envelope has signatures, 32.</summary>
    public const int MaxMediators = EnvelopeLimits.MaxSignatures;

    /// <inheritdoc/>
    public override string Kind => "relay/envelope/v1";

    /// <summary>The envelope.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>Its digest; base64 with padding in the text.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Addressed delegations, 1 to 64, distinct and in byte order.</summary>
    public required ImmutableArray<string> Audience { get; init; }

    /// <summary>Mediators whose signatures counted, 1 to <see cref="MaxMediators"/>, distinct and in byte order.</summary>
    public required ImmutableArray<string> Mediators { get; init; }

    /// <summary>Digest of the negotiation document it was judged by.</summary>
    public required Digest Policy { get; init; }

    /// <summary>The entry for an envelope; audience and mediators are put in order.</summary>
    public static EnvelopeEntry For(EnvelopeHead envelope, IEnumerable<string> mediators, Digest policy, DateTimeOffset acceptedAt)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return new EnvelopeEntry
        {
            Id = envelope.Id,
            Digest = envelope.Digest,
            Audience = Sorted(envelope.Audience),
            Mediators = Sorted(mediators),
            Policy = policy,
            At = acceptedAt,
        };
    }

    /// <summary>True when the entry is of this envelope: id, digest and audience.</summary>
    public bool Fits(EnvelopeHead envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return Id == envelope.Id && Digest == envelope.Digest && Audience.SequenceEqual(Sorted(envelope.Audience));
    }

    internal static EnvelopeEntry Read(ref EntryReader reader) => new()
    {
        Id = reader.Id(),
        Digest = reader.Digest(),
        Audience = reader.Names(EnvelopeLimits.MaxAddressees),
        Mediators = reader.Names(MaxMediators),
        Policy = reader.Digest(),
        At = ReadTime(ref reader),
    };

    private protected override void WriteFields(StringBuilder text)
    {
        WriteId(text, Id);
        WriteDigest(text, Digest);
        WriteNames(text, Audience);
        WriteNames(text, Mediators);
        WriteDigest(text, Policy);
    }

    private static ImmutableArray<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
