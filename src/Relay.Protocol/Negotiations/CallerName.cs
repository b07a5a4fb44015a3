using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Negotiations;

/// <summary>Who may read for a delegation, as <c>callers</c> of the negotiation document names it. Exactly one member is set.</summary>
public sealed class CallerName
{
    private const int HashBytes = 32;

    private CallerName(ReadOnlyMemory<byte>? publicKeyHash, Guid? objectId)
    {
        PublicKeyHash = publicKeyHash;
        ObjectId = objectId;
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of a client certificate, 32 bytes; null for an object id.</summary>
    public ReadOnlyMemory<byte>? PublicKeyHash { get; }

    /// <summary>Entra object id; null for a hash.</summary>
    public Guid? ObjectId { get; }

    /// <summary>
    /// Reads a name: 64 hexadecimal digits, 43 characters of base64url, or an object id in
    /// 36 characters. No text is two of them; false when it is none and could match nobody.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CallerName? name)
    {
        name = null;
        if (text is null) return false;
        if (Guid.TryParseExact(text, "D", out var objectId)) name = objectId == Guid.Empty ? null : new CallerName(null, objectId);
        else if (ReadHash(text) is { } hash) name = new CallerName(hash, null);
        return name is not null;
    }

    private static byte[]? ReadHash(string text)
    {
        var hash = new byte[HashBytes];
        if (text.Length == 2 * HashBytes)
        {
            return Convert.FromHexString(text, hash, out _, out var read) is System.Buffers.OperationStatus.Done && read == HashBytes
                ? hash
                : null;
        }
        return text.Length == Base64Url.GetEncodedLength(HashBytes)
            && Base64Url.TryDecodeFromChars(text, hash, out var written)
            && written == HashBytes
            ? hash
            : null;
    }
}
