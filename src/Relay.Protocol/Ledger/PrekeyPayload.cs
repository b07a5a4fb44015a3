using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>What bundles of prekeys and claims of them have in common.</summary>
internal static class PrekeyPayload
{
    /// <summary>Takes a compact JWS apart and reads its header.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> compact,
        int maxBytes,
        string type,
        out CompactJws parts,
        [NotNullWhen(true)] out string? keyId,
        out PrekeyFault fault,
        out string detail)
    {
        (parts, keyId) = (default, null);
        if (compact.Length > maxBytes)
        {
            (fault, detail) = (PrekeyFault.Oversize, $"expected at most {maxBytes} bytes, got {compact.Length}");
            return false;
        }
        (fault, detail) = (PrekeyFault.Malformed, "expected a compact JWS with an ES256 signature, got something else");
        if (!CompactJws.TrySplit(compact, out parts) || parts.Signature.Length != IdentityJws.SignatureSize) return false;
        fault = PrekeyFault.BadHeader;
        if (!IdentityJws.TryReadHeader(parts.Header, maxBytes, type, out keyId, out detail)) return false;
        fault = PrekeyFault.None;
        return true;
    }

    /// <summary>Checks negotiation, key and signature.</summary>
    public static PrekeyFault Verify(
        NegotiationDocument document, string negotiation, string keyId, byte[] compact, in CompactJws parts, out string detail)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Negotiation != negotiation)
        {
            detail = $"expected negotiation {document.Negotiation}, got {negotiation}";
            return PrekeyFault.OtherNegotiation;
        }
        if (IdentityJws.Find(document, keyId) is not { } key)
        {
            detail = $"expected an identity key of the document's version {document.Version}, got {keyId}";
            return PrekeyFault.UnknownKey;
        }
        detail = "";
        if (IdentityJws.IsSignedBy(key.Key, compact, parts)) return PrekeyFault.None;
        detail = $"expected a signature by {keyId}, got one that does not verify";
        return PrekeyFault.BadSignature;
    }

    /// <summary>True for an object with exactly these members; none is there twice, since it was read strictly.</summary>
    public static bool HasExactly(JsonElement value, params ReadOnlySpan<string> names)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != names.Length) return false;
        foreach (var name in names)
        {
            if (!value.TryGetProperty(name, out _)) return false;
        }
        return true;
    }

    /// <summary>A whole number from 0 to <paramref name="max"/>; false for any other value.</summary>
    public static bool TryNumber(JsonElement value, long max, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number
            && StrictDecimal.TryParse(System.Text.Encoding.UTF8.GetBytes(value.GetRawText()), max, out number);
    }

    /// <summary>What came, for a fault's detail.</summary>
    public static string Shown(JsonElement value) => Excerpt.Of(value.GetRawText());
}
