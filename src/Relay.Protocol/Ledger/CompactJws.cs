using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>The three parts of a compact JWS (RFC 7515 section 7.1), taken apart without a look inside.</summary>
/// <param name="Header">Bytes of the protected header.</param>
/// <param name="Payload">Bytes of the payload.</param>
/// <param name="Signature">The signature.</param>
/// <param name="SignedLength">Bytes of the text that are signed, from its beginning.</param>
internal readonly record struct CompactJws(byte[] Header, byte[] Payload, byte[] Signature, int SignedLength)
{
    /// <summary>False when it is not three parts of strict base64url, or a signature is none by its length.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> compact, out CompactJws parts)
    {
        parts = default;
        var first = compact.IndexOf((byte)'.');
        var last = compact.LastIndexOf((byte)'.');
        if (first < 0 || last == first) return false;
        if (StrictBase64Url.Decode(compact[..first]) is not { } header
            || StrictBase64Url.Decode(compact[(first + 1)..last]) is not { } payload
            || StrictBase64Url.Decode(compact[(last + 1)..]) is not { Length: > 0 and <= EnvelopeLimits.MaxSignatureBytes } signature)
        {
            return false;
        }
        parts = new CompactJws(header, payload, signature, last);
        return true;
    }

    /// <summary>Writes and signs.</summary>
    /// <param name="header">Writes the header's members.</param>
    /// <param name="payload">Writes the payload's members.</param>
    /// <param name="signer">Signs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async ValueTask<byte[]> SignAsync(
        Action<Utf8JsonWriter> header, Action<Utf8JsonWriter> payload, IJwsSigner signer, CancellationToken cancellationToken)
    {
        byte[] input =
        [
            .. StrictBase64Url.EncodeToUtf8(Write(header)), (byte)'.', .. StrictBase64Url.EncodeToUtf8(Write(payload)),
        ];
        var hash = new byte[signer.Algorithm.HashSize()];
        signer.Algorithm.Hash(input, hash);
        var signature = await signer.SignAsync(hash, cancellationToken).ConfigureAwait(false);
        return [.. input, (byte)'.', .. StrictBase64Url.EncodeToUtf8(signature)];
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
