using System.Collections.Immutable;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// An accepted envelope, which proves itself: what the mediators signed, and their signatures. Text: kind, time,
/// policy digest, head, one line for each signature that counted, by mediator name.
/// </summary>
public sealed class EnvelopeEntry : LedgerEntry
{
    /// <summary>Most signatures of one entry: as many as an envelope has, 32.</summary>
    public const int MaxMediators = EnvelopeLimits.MaxSignatures;

    /// <inheritdoc/>
    public override string Kind => "relay/envelope/v2";

    /// <summary>The head, the signatures that counted, and the document by which they did.</summary>
    public required JudgedHead Judged { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<JudgedHead> JudgedHeads => [Judged];

    /// <summary>What the mediators signed.</summary>
    public EnvelopeHead Head => Judged.Head;

    /// <summary>The envelope.</summary>
    public EnvelopeId Id => Head.Id;

    /// <summary>Its digest.</summary>
    public Digest Digest => Head.Digest;

    /// <summary>Digest of the negotiation document it was judged by.</summary>
    public Digest Policy => Judged.Policy;

    /// <summary>True when the entry is of this envelope.</summary>
    public bool Fits(EnvelopeHead envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return Digest == envelope.Digest;
    }

    /// <summary>
    /// True when it is dated as an honest relay dates: by no more than <see cref="EnvelopeLimits.MaxClockSkew"/> before its envelope was
    /// written or may be delivered, and before it expires. Anything else is a fault of the relay, which the entry proves.
    /// </summary>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public bool IsInTime(out string detail)
    {
        var from = Head.NotBefore > Head.IssuedAt ? Head.NotBefore.Value : Head.IssuedAt;
        detail = At < from - EnvelopeLimits.MaxClockSkew
            ? $"expected an entry from {from:u} on, when {Id} was written or may be delivered, it says {At:u}"
            : At >= Head.ExpiresAt ? $"expected an entry before {Head.ExpiresAt:u}, when {Id} expires, it says {At:u}" : "";
        return detail.Length == 0;
    }

    internal static EnvelopeEntry Read(ref EntryReader reader)
    {
        var at = ReadTime(ref reader);
        return new EnvelopeEntry { Judged = reader.Judged(), At = at };
    }

    private protected override void WriteFields(StringBuilder text)
    {
        WriteTime(text);
        WriteJudged(text, Judged);
    }
}
