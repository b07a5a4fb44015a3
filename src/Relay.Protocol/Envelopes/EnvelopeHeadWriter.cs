using System.Buffers;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Writes a draft as the bytes of a head. Checks nothing: <see cref="SealedEnvelope.Create"/> reads the result back.</summary>
internal static class EnvelopeHeadWriter
{
    public static byte[] Write(EnvelopeDraft draft)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, PlainJson.Options);
        json.WriteStartObject();
        json.WriteString("jti"u8, draft.Id.ToString());
        json.WriteStartArray("aud"u8);
        foreach (var name in draft.Audience)
        {
            json.WriteStringValue(name);
        }
        json.WriteEndArray();
        if (draft.Previous is { } previous) json.WriteString("prev"u8, previous.ToString());
        json.WriteNumber("iat"u8, draft.IssuedAt.ToUnixTimeSeconds());
        if (draft.NotBefore is { } notBefore) json.WriteNumber("nbf"u8, notBefore.ToUnixTimeSeconds());
        json.WriteNumber("exp"u8, draft.ExpiresAt.ToUnixTimeSeconds());
        if (draft.Seen is { } seen)
        {
            json.WriteStartObject("seen"u8);
            json.WriteNumber("size"u8, seen.Size);
            json.WriteString("root"u8, seen.Root.ToString());
            json.WriteEndObject();
        }
        json.WriteString("content"u8, Digest.Of(draft.Content.Span).ToString());
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
