using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A delegation's own word that an envelope was opened, or refused and why. As read: well formed; what it is worth is
/// <see cref="Verify(NegotiationDocument, out string)"/> and <see cref="CheckEnvelope"/>. Immutable.
/// </summary>
/// <remarks>
/// JWS compact (RFC 7515 section 7.1). Header exactly <c>alg</c> ES256, <c>kid</c> (identity key, <c>us#1</c>) and <c>typ</c>
/// relay-acknowledgement; payload exactly <c>jti</c>, <c>digest</c> (base64url), <c>state</c> ("opened" or "refused"), <c>reason</c>
/// (with a refusal alone, and always then) and <c>iat</c> (seconds since 1970).
/// </remarks>
public sealed class Acknowledgement
{
    /// <summary><c>typ</c>.</summary>
    public const string Type = "relay-acknowledgement";

    /// <summary>Media type of the compact text.</summary>
    public const string MediaType = "application/jose";

    /// <summary>Longest compact text: 1 KiB; with names of full length it is some 650 bytes.</summary>
    public const int MaxBytes = 1024;

    /// <summary>Longest reason: 64 characters.</summary>
    public const int MaxReasonLength = 64;

    private const string Opened = "opened";
    private const string Refused = "refused";

    private readonly byte[] _compact;
    private readonly CompactJws _parts;

    private Acknowledgement(byte[] compact, CompactJws parts)
    {
        _compact = compact;
        _parts = parts;
    }

    /// <summary>The envelope.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>Its digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>What became of it.</summary>
    public required AcknowledgedState State { get; init; }

    /// <summary>Why it was refused; null when it was opened.</summary>
    public required string? Reason { get; init; }

    /// <summary>When the delegation said so, by its own clock; whole seconds.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Identity key that is said to have signed.</summary>
    public required string KeyId { get; init; }

    /// <summary>The delegation whose key that is.</summary>
    public string Delegation => IdentityJws.DelegationOf(KeyId);

    /// <summary>The compact text, ASCII.</summary>
    public ReadOnlyMemory<byte> Bytes => _compact;

    /// <summary>Signs an acknowledgement.</summary>
    /// <param name="draft">What to say.</param>
    /// <param name="identity">The delegation's identity key, P-256.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static async ValueTask<Acknowledgement> SignAsync(
        AcknowledgementDraft draft, IJwsSigner identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(identity);
        var compact = await CompactJws.SignAsync(
            json => IdentityJws.WriteHeader(json, identity, Type),
            json => WritePayload(json, draft),
            identity,
            cancellationToken).ConfigureAwait(false);
        return TryParse(compact, out var acknowledgement, out _, out var detail) ? acknowledgement : throw new ArgumentException(detail);
    }

    /// <summary>Reads without verifying. Never throws on bad input.</summary>
    /// <param name="compact">ASCII.</param>
    /// <param name="acknowledgement">Null when false.</param>
    /// <param name="fault">Why not; <see cref="AcknowledgementFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> compact,
        [NotNullWhen(true)] out Acknowledgement? acknowledgement,
        out AcknowledgementFault fault,
        out string detail)
    {
        acknowledgement = null;
        if (compact.Length > MaxBytes)
        {
            (fault, detail) = (AcknowledgementFault.Oversize, $"expected at most {MaxBytes} bytes, got {compact.Length}");
            return false;
        }
        if (!CompactJws.TrySplit(compact, out var parts) || parts.Signature.Length != IdentityJws.SignatureSize)
        {
            (fault, detail) = (AcknowledgementFault.Malformed, "expected a compact JWS with an ES256 signature, got something else");
            return false;
        }
        fault = AcknowledgementFault.BadHeader;
        if (!IdentityJws.TryReadHeader(parts.Header, MaxBytes, Type, out var keyId, out detail)) return false;
        fault = AcknowledgementFault.NotJson;
        if (!StrictJsonDocument.TryParse(parts.Payload, MaxBytes, out var document, out detail)) return false;
        using (document)
        {
            var payload = new AcknowledgementPayload(document.RootElement);
            (fault, detail) = (payload.Fault, payload.Detail);
            if (fault != AcknowledgementFault.None) return false;
            acknowledgement = new Acknowledgement(compact.ToArray(), parts)
            {
                Id = payload.Id,
                Digest = payload.Digest,
                State = payload.State,
                Reason = payload.Reason,
                IssuedAt = payload.IssuedAt,
                KeyId = keyId,
            };
        }
        return true;
    }

    /// <summary>Checks that the delegation's identity key has signed it.</summary>
    /// <param name="document">The negotiation document that names the identity keys.</param>
    /// <param name="detail">What was expected and what came; empty without a fault.</param>
    public AcknowledgementFault Verify(NegotiationDocument document, out string detail)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Negotiation != Id.Negotiation)
        {
            detail = $"expected an envelope of {document.Negotiation}, got {Id}";
            return AcknowledgementFault.OtherNegotiation;
        }
        if (IdentityJws.Find(document, KeyId) is not { } key)
        {
            detail = $"expected an identity key of the document's version {document.Version}, got {KeyId}";
            return AcknowledgementFault.UnknownKey;
        }
        return Verify(key.Key, out detail);
    }

    /// <summary>Checks that this key has signed it; whose it is is for the caller to know.</summary>
    /// <param name="key">An identity key.</param>
    /// <param name="detail">What was expected and what came; empty without a fault.</param>
    public AcknowledgementFault Verify(VerificationKey key, out string detail)
    {
        ArgumentNullException.ThrowIfNull(key);
        detail = "";
        if (IdentityJws.IsSignedBy(key, _compact, _parts)) return AcknowledgementFault.None;
        detail = $"expected a signature by {KeyId}, got one that does not verify";
        return AcknowledgementFault.BadSignature;
    }

    /// <summary>Checks that it is of this envelope, and by one of its addressees.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="detail">What was expected and what came; empty without a fault.</param>
    public AcknowledgementFault CheckEnvelope(EnvelopeHead envelope, out string detail)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        detail = "";
        if (Id != envelope.Id)
        {
            detail = $"expected an acknowledgement of {envelope.Id}, got one of {Id}";
            return AcknowledgementFault.OtherEnvelope;
        }
        if (Digest != envelope.Digest)
        {
            detail = $"expected digest {envelope.Digest}, got {Digest}";
            return AcknowledgementFault.OtherContent;
        }
        if (envelope.Audience.Contains(Delegation)) return AcknowledgementFault.None;
        detail = $"expected an addressee of {Id}, got {Delegation}";
        return AcknowledgementFault.NotAddressed;
    }

    /// <summary>True when it says the same of the same envelope on the same delegation's behalf, whenever and by which key.</summary>
    public bool SaysTheSame(Acknowledgement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Id, Digest, State, Delegation) == (other.Id, other.Digest, other.State, other.Delegation);
    }

    /// <summary>"opened", or "refused" with the reason.</summary>
    public override string ToString() => Reason is null ? Opened : $"{Refused} ({Reason})";

    internal static AcknowledgedState? ReadState(string? text) => text switch
    {
        Opened => AcknowledgedState.Opened,
        Refused => AcknowledgedState.Refused,
        _ => null,
    };

    private static void WritePayload(Utf8JsonWriter json, AcknowledgementDraft draft)
    {
        json.WriteString("jti"u8, draft.Id.ToString());
        json.WriteString("digest"u8, draft.Digest.ToString());
        json.WriteString("state"u8, draft.Reason is null ? Opened : Refused);
        if (draft.Reason is not null) json.WriteString("reason"u8, draft.Reason);
        json.WriteNumber("iat"u8, draft.IssuedAt.ToUnixTimeSeconds());
    }
}
