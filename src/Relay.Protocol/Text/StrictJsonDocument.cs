using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Relay.Protocol.Text;

/// <summary>
/// A document tree for what is read off the hot path, behind the same strict
/// reader: after it, the platform's parser has nothing left to throw at.
/// </summary>
internal static class StrictJsonDocument
{
    private const int MaxOpenNames = 1024;

    public static bool TryParse(
        ReadOnlySpan<byte> json, int maxBytes, [NotNullWhen(true)] out JsonDocument? document, out string error, int maxMembers = 256)
    {
        document = null;
        if (!TryCheck(json, maxBytes, maxMembers, out error)) return false;
        document = JsonDocument.Parse(json.ToArray());
        return true;
    }

    /// <summary>The string of a member; null when there is no such member, it is another kind of value, or this is no object.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static bool TryCheck(ReadOnlySpan<byte> json, int maxBytes, int maxMembers, out string error)
    {
        if (json.Length > maxBytes)
        {
            error = $"expected at most {maxBytes} bytes, got {json.Length}";
            return false;
        }
        Span<(int, int)> names = stackalloc (int, int)[MaxOpenNames];
        var reader = new StrictJsonReader(json, names, maxMembers);
        while (reader.Read())
        {
            if (reader.Token != JsonToken.End) continue;
            error = "";
            return true;
        }
        error = reader.Detail;
        return false;
    }
}
