using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>An envelope as read from the wire: well formed, but not yet verified. Immutable and safe to share.</summary>
public sealed class Envelope
{
    /// <summary>Media type on the wire.</summary>
    public const string MediaType = "application/vnd.relay.envelope+jose+json";

    private Envelope()
    {
    }

    /// <summary>The bytes as they came: General JWS (RFC 7515 section 7.2.1) of the head, with the content beside it.</summary>
    public ReadOnlyMemory<byte> Wire { get; private init; }

    /// <summary>The head and the content that it names: the envelope without its signatures.</summary>
    public SealedEnvelope Sealed { get; private init; } = null!;

    /// <summary>What was signed.</summary>
    public EnvelopeHead Head => Sealed.Head;

    /// <summary>Same as <c>Head.Id</c>.</summary>
    public EnvelopeId Id => Head.Id;

    /// <summary>Same as <c>Head.Digest</c>; signatures are no part of it.</summary>
    public Digest Digest => Head.Digest;

    /// <summary>1 to 32 signatures in wire order; not yet verified, and one mediator may occur more than once.</summary>
    public ImmutableArray<EnvelopeSignature> Signatures { get; private init; }

    /// <summary>The head with some of its signatures.</summary>
    /// <param name="places">Their places among <see cref="Signatures"/>, in the order that the head is to have them in.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no signature at a place.</exception>
    public SignedHead SignedBy(IEnumerable<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        return new SignedHead(Head, [.. places.Select(place => Signatures[place])]);
    }

    /// <summary>Reads an envelope. Never throws on bad input and allocates nothing from a length the peer states.</summary>
    /// <param name="wire">The bytes; kept, so they must not change afterwards.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="envelope">Null when false.</param>
    /// <param name="fault">Why not; <see cref="EnvelopeFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came, without content; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> wire,
        EnvelopeLimits limits,
        [NotNullWhen(true)] out Envelope? envelope,
        out EnvelopeFault fault,
        out string detail)
    {
        ArgumentNullException.ThrowIfNull(limits);
        envelope = null;
        var reader = new EnvelopeReader(wire);
        (fault, detail) = reader.Read(limits);
        if (fault == EnvelopeFault.None) (fault, detail) = reader.ReadContent();
        if (fault != EnvelopeFault.None) return false;
        detail = "";
        envelope = new Envelope { Wire = wire, Sealed = new(reader.Head!, reader.Content), Signatures = reader.Signatures };
        return true;
    }
}
