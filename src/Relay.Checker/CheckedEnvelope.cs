using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Id and digest of an envelope's wire bytes, whose content is the one that its head names; nothing about its signatures.
/// </summary>
internal readonly record struct CheckedEnvelope(string Id, Digest Digest)
{
    public static CheckedEnvelope? Parse(ReadOnlyMemory<byte> wire)
    {
        try
        {
            using var jws = JsonDocument.Parse(wire);
            if (CheckText.Base64Url(jws.RootElement.GetProperty("payload").GetString() ?? "") is not { } head) return null;
            if (CheckText.Base64Url(jws.RootElement.GetProperty("content").GetString() ?? "") is not { } content) return null;
            using var json = JsonDocument.Parse(head);
            if (json.RootElement.GetProperty("content").GetString() != Digest.Of(content).ToString()) return null;
            return new CheckedEnvelope(json.RootElement.GetProperty("jti").GetString() ?? "", Digest.Of(head));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
