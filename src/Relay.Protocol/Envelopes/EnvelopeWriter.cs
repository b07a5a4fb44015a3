using System.Text.Json;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Writes the General JSON wrapper (RFC 7515 section 7.2.1) around a head.</summary>
internal static class EnvelopeWriter
{
    private const int SignatureRoom = 512;
    private const int WrapperRoom = 64;

    /// <param name="payload">base64url of the head's bytes.</param>
    /// <param name="signatures">In the order to write.</param>
    /// <param name="content">Bytes of the content; null for a head alone.</param>
    public static byte[] Write(
        ReadOnlyMemory<byte> payload, IReadOnlyCollection<EnvelopeSignature> signatures, ReadOnlyMemory<byte>? content)
    {
        var room = payload.Length + WrapperRoom + (signatures.Count * SignatureRoom) + ((content?.Length ?? 0) * 4 / 3);
        using var stream = new MemoryStream(room);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("payload"u8, payload.Span);
            json.WriteStartArray("signatures"u8);
            foreach (var signature in signatures)
            {
                json.WriteStartObject();
                json.WriteString("protected"u8, signature.HeaderText.Span);
                json.WriteString("signature"u8, StrictBase64Url.EncodeToUtf8(signature.Value.Span));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (content is { } bytes) json.WriteString("content"u8, StrictBase64Url.EncodeToUtf8(bytes.Span));
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
