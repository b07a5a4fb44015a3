using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>What compact JWS by a delegation's identity key have in common: their header, and who is to have signed them.</summary>
internal static class IdentityJws
{
    /// <summary>Bytes of an ES256 signature.</summary>
    public const int SignatureSize = 64;

    private const int MaxKeyNumber = 999_999_999;

    /// <summary>Writes the header of that type.</summary>
    public static void WriteHeader(Utf8JsonWriter json, IJwsSigner identity, string type)
    {
        json.WriteString("alg"u8, identity.Algorithm.Name());
        json.WriteString("kid"u8, identity.KeyId);
        json.WriteString("typ"u8, type);
    }

    /// <summary>Reads a header of exactly <c>alg</c> ES256, <c>kid</c> of an identity key and this <c>typ</c>.</summary>
    public static bool TryReadHeader(
        byte[] json, int maxBytes, string type, [NotNullWhen(true)] out string? keyId, out string detail)
    {
        keyId = null;
        if (!StrictJsonDocument.TryParse(json, maxBytes, out var document, out detail)) return false;
        using (document)
        {
            var header = document.RootElement;
            detail = $"expected a header of exactly alg ES256, kid (an identity key such as us#1) and typ {type}, got another";
            if (header.ValueKind != JsonValueKind.Object || header.GetPropertyCount() != 3) return false;
            if (header.Text("alg") != "ES256" || header.Text("typ") != type || header.Text("kid") is not { } kid) return false;
            if (!IsKeyId(kid)) return false;
            keyId = kid;
        }
        detail = "";
        return true;
    }

    /// <summary>The delegation of an identity key's name that <see cref="TryReadHeader"/> has let pass.</summary>
    public static string DelegationOf(string keyId) => keyId[..keyId.IndexOf('#', StringComparison.Ordinal)];

    /// <summary>The key of that name in a document; null when it has none.</summary>
    public static IdentityKey? Find(NegotiationDocument document, string keyId) =>
        document.Delegations.TryGetValue(DelegationOf(keyId), out var delegation)
            ? delegation.IdentityKeys.FirstOrDefault(key => key.KeyId == keyId)
            : null;

    /// <summary>True when the key has signed the text.</summary>
    public static bool IsSignedBy(VerificationKey key, ReadOnlySpan<byte> compact, in CompactJws parts) =>
        key.Verify(JwsAlgorithm.ES256, compact[..parts.SignedLength], parts.Signature) == SignatureFault.None;

    private static bool IsKeyId(string keyId)
    {
        var mark = keyId.IndexOf('#', StringComparison.Ordinal);
        return mark > 0
            && RelayName.IsValid(keyId.AsSpan(0, mark))
            && keyId.Length > mark + 1
            && StrictDecimal.TryParse(System.Text.Encoding.UTF8.GetBytes(keyId[(mark + 1)..]), MaxKeyNumber, out var number)
            && number > 0;
    }
}
