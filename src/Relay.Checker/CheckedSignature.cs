using System.Text;
using System.Text.Json;

namespace Relay.Checker;

/// <summary>One mediator's signature in an entry.</summary>
/// <param name="Algorithm"><c>alg</c>.</param>
/// <param name="KeyId"><c>kid</c>: identifier, with version, of a vault key.</param>
/// <param name="Header">Bytes of the protected header.</param>
/// <param name="Head">Bytes of the head.</param>
/// <param name="Value">The signature.</param>
internal sealed record CheckedSignature(string Algorithm, string KeyId, byte[] Header, byte[] Head, byte[] Value)
{
    /// <summary>What was signed: RFC 7515 section 5.1, step 8.</summary>
    public byte[] Signed => Encoding.ASCII.GetBytes(
        $"{System.Buffers.Text.Base64Url.EncodeToString(Header)}.{System.Buffers.Text.Base64Url.EncodeToString(Head)}");

    public static CheckedSignature? Parse(string line, byte[] head)
    {
        var parts = line.Split(' ');
        if (parts.Length != 2 || CheckText.Base64(parts[0]) is not { } header || CheckText.Base64(parts[1]) is not { } value) return null;
        try
        {
            using var json = JsonDocument.Parse(header);
            var root = json.RootElement;
            if (root.GetProperty("typ").GetString() != "relay-envelope" || root.EnumerateObject().Count() != 3) return null;
            return new CheckedSignature(
                root.GetProperty("alg").GetString() ?? "",
                root.GetProperty("kid").GetString() ?? "",
                header,
                head,
                value);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
