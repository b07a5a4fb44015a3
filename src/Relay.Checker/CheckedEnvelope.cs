using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>Id and digest of an envelope's wire bytes; nothing about its signatures.</summary>
internal readonly record struct CheckedEnvelope(string Id, Digest Digest)
{
    public static CheckedEnvelope? Parse(ReadOnlyMemory<byte> wire)
    {
        try
        {
            using var jws = JsonDocument.Parse(wire);
            if (CheckText.Base64Url(jws.RootElement.GetProperty("payload").GetString() ?? "") is not { } payload) return null;
            using var json = JsonDocument.Parse(payload);
            return new CheckedEnvelope(json.RootElement.GetProperty("jti").GetString() ?? "", Digest.Of(payload));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
