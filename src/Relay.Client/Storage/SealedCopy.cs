using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Client.Storage;

/// <summary>
/// A sealed envelope as a file: <c>{"payload":"...","content":"..."}</c>, the members of an envelope on the wire without its signatures. A
/// signed envelope is read as well.
/// </summary>
internal static class SealedCopy
{
    /// <summary>Reads one; false for anything else.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SealedEnvelope? envelope)
    {
        envelope = null;
        try
        {
            return JsonSerializer.Deserialize<Form>(bytes.Span) is { Payload: { } payload, Content: { } content }
                && StrictBase64Url.Decode(payload) is { } head
                && StrictBase64Url.Decode(content) is { } body
                && EnvelopeHead.TryParse(head, out var read, out _, out _)
                && SealedEnvelope.TryJoin(read, body, out envelope);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static byte[] Write(SealedEnvelope envelope) => JsonSerializer.SerializeToUtf8Bytes(
        new Form(StrictBase64Url.Encode(envelope.Head.Bytes.Span), StrictBase64Url.Encode(envelope.Content.Span)));

    private sealed record Form(
        [property: System.Text.Json.Serialization.JsonPropertyName("payload")] string? Payload,
        [property: System.Text.Json.Serialization.JsonPropertyName("content")] string? Content);
}
