using System.Text.Json;

namespace Relay.Functions.Http;

/// <summary>Reads small JSON bodies strictly: one object, no member twice, nothing after it.</summary>
internal static class JsonBody
{
    // Deep enough for every body that is read so, and each of those is bounded in bytes.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <returns>The member's text; null when the body is no such object, or has no such member that is text.</returns>
    public static string? ReadText(ReadOnlyMemory<byte> json, string member)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(member, out var value)
                && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for text that is none, such as half of a surrogate pair.
            return null;
        }
    }
}
