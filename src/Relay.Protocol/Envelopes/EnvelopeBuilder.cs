using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Gathers mediators' signatures over one head and writes the wire form. Not safe for concurrent use.</summary>
public sealed class EnvelopeBuilder
{
    private readonly SealedEnvelope _envelope;
    private readonly byte[] _payloadText;
    private readonly List<EnvelopeSignature> _signatures = [];

    /// <summary>Starts without signatures.</summary>
    public EnvelopeBuilder(SealedEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        _envelope = envelope;
        _payloadText = StrictBase64Url.EncodeToUtf8(envelope.Head.Bytes.Span);
    }

    /// <summary>Starts from an envelope and its signatures, to add more.</summary>
    public EnvelopeBuilder(Envelope envelope)
        : this((envelope ?? throw new ArgumentNullException(nameof(envelope))).Sealed)
    {
        _signatures.AddRange(envelope.Signatures);
    }

    /// <summary>The head being signed.</summary>
    public EnvelopeHead Head => _envelope.Head;

    /// <summary>Adds one signature.</summary>
    /// <exception cref="ArgumentException">The signer's key id is not a full Key Vault key identifier.</exception>
    /// <exception cref="InvalidOperationException">There are 32 signatures
    /// already, or the signer returned none or more than 512 bytes.</exception>
    public async ValueTask SignAsync(IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signer);
        RequireRoom(1);
        _signatures.Add(await HeadSigning.SignAsync(_payloadText, signer, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Adds the signatures that mediators made over the head alone; one that is there already is not added again.</summary>
    /// <exception cref="ArgumentException">They are over another head.</exception>
    /// <exception cref="InvalidOperationException">There would be more than 32.</exception>
    public void Attach(SignedHead signed)
    {
        ArgumentNullException.ThrowIfNull(signed);
        if (signed.Head.Digest != Head.Digest)
        {
            throw new ArgumentException(
                $"Expected signatures over the head of {Head.Id} with digest {Head.Digest}, got some over that of {signed.Head.Id} with "
                    + $"{signed.Head.Digest}.",
                nameof(signed));
        }
        var added = signed.Signatures.Where(signature => !_signatures.Exists(signature.IsSame)).ToList();
        RequireRoom(added.Count);
        _signatures.AddRange(added);
    }

    /// <summary>The envelope as JWS General JSON (RFC 7515 section 7.2.1) with its content beside, UTF-8.</summary>
    /// <exception cref="InvalidOperationException">There is no signature yet.</exception>
    public byte[] ToWire() => _signatures.Count > 0
        ? EnvelopeWriter.Write(_payloadText, _signatures, _envelope.Content)
        : throw new InvalidOperationException("An envelope carries at least one signature.");

    private void RequireRoom(int more)
    {
        if (_signatures.Count + more > EnvelopeLimits.MaxSignatures)
        {
            throw new InvalidOperationException($"An envelope carries at most {EnvelopeLimits.MaxSignatures} signatures.");
        }
    }
}
