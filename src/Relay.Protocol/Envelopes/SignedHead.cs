using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// A head with mediators' signatures and no content: what a mediator, who need not hold the content, gets to
/// sign and gives back. Well formed, but not yet verified. Immutable and safe to share.
/// </summary>
public sealed class SignedHead
{
    internal SignedHead(EnvelopeHead head, ImmutableArray<EnvelopeSignature> signatures)
    {
        Head = head;
        Signatures = signatures;
    }

    /// <summary>What was signed.</summary>
    public EnvelopeHead Head { get; }

    /// <summary>1 to 32 signatures in wire order; not yet verified, and one mediator may occur more than once.</summary>
    public ImmutableArray<EnvelopeSignature> Signatures { get; }

    /// <summary>Reads the General JWS of a head (RFC 7515 section 7.2.1), or of an envelope, whose content it leaves unread.</summary>
    /// <param name="wire">The bytes; kept, so they must not change afterwards.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="signed">Null when false.</param>
    /// <param name="fault">Why not; <see cref="EnvelopeFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> wire,
        EnvelopeLimits limits,
        [NotNullWhen(true)] out SignedHead? signed,
        out EnvelopeFault fault,
        out string detail)
    {
        ArgumentNullException.ThrowIfNull(limits);
        signed = null;
        var reader = new EnvelopeReader(wire);
        (fault, detail) = reader.Read(limits);
        if (fault != EnvelopeFault.None) return false;
        detail = "";
        signed = new SignedHead(reader.Head!, reader.Signatures);
        return true;
    }

    /// <summary>Signs a head, of which the signer sees all that it vouches for.</summary>
    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    /// <exception cref="InvalidOperationException">The signer returned no signature or one of more than 512 bytes.</exception>
    public static async ValueTask<SignedHead> SignAsync(EnvelopeHead head, IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        return await new SignedHead(head, []).SignAsync(signer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same head with one signature more.</summary>
    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    /// <exception cref="InvalidOperationException">There are 32 signatures
    /// already, or the signer returned none or more than 512 bytes.</exception>
    public async ValueTask<SignedHead> SignAsync(IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signer);
        RequireRoom();
        return With(await HeadSigning.SignAsync(PayloadText(), signer, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The same head with the signatures of another copy too; one that is there already is not added again.</summary>
    /// <exception cref="ArgumentException">The other is of another head.</exception>
    /// <exception cref="InvalidOperationException">There would be more than 32.</exception>
    public SignedHead Join(SignedHead other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Head.Digest != Head.Digest)
        {
            throw new ArgumentException($"Expected signatures over {Head.Digest}, got some over {other.Head.Digest}.", nameof(other));
        }
        var all = Signatures.AddRange(other.Signatures.Where(signature => !Signatures.Any(signature.IsSame)));
        return all.Length <= EnvelopeLimits.MaxSignatures
            ? new SignedHead(Head, all)
            : throw new InvalidOperationException($"A head carries at most {EnvelopeLimits.MaxSignatures} signatures.");
    }

    internal void RequireRoom()
    {
        if (Signatures.Length == EnvelopeLimits.MaxSignatures)
        {
            throw new InvalidOperationException($"A head carries at most {EnvelopeLimits.MaxSignatures} signatures.");
        }
    }

    internal byte[] PayloadText() => StrictBase64Url.EncodeToUtf8(Head.Bytes.Span);

    /// <summary>The same head with one signature more, made over its payload.</summary>
    internal SignedHead With(EnvelopeSignature signature) => new(Head, Signatures.Add(signature));

    /// <summary>Takes a head's bytes with protected headers and signatures, as a ledger's entry has them.</summary>
    internal static bool TryCreate(
        byte[] bytes,
        IReadOnlyCollection<(byte[] Header, byte[] Value)> parts,
        [NotNullWhen(true)] out SignedHead? signed,
        out string error)
    {
        signed = null;
        if (!EnvelopeHead.TryParse(bytes, out var head, out _, out error)) return false;
        error = $"expected 1 to {EnvelopeLimits.MaxSignatures} signatures, got {parts.Count}";
        if (parts.Count is 0 or > EnvelopeLimits.MaxSignatures) return false;
        var payload = StrictBase64Url.EncodeToUtf8(bytes);
        var signatures = ImmutableArray.CreateBuilder<EnvelopeSignature>(parts.Count);
        foreach (var (header, value) in parts)
        {
            var text = StrictBase64Url.EncodeToUtf8(header);
            (var fault, error) = EnvelopeReader.Decode(text, value, out var signature);
            if (fault != EnvelopeFault.None) return false;
            signature!.PayloadText = payload;
            signatures.Add(signature);
        }
        signed = new SignedHead(head, signatures.MoveToImmutable());
        error = "";
        return true;
    }

    /// <summary>General JWS of the head, UTF-8.</summary>
    public byte[] ToWire() => EnvelopeWriter.Write(PayloadText(), Signatures, null);
}
