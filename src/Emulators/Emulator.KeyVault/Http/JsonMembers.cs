using System.Buffers.Text;
using System.Text.Json;

namespace Emulator.KeyVault.Http;

/// <summary>Reads single members of a request's JSON. Absent and null are the same: null with no error.</summary>
/// <remarks>False means the member is there with another type or form than expected, which the error says.</remarks>
internal static class JsonMembers
{
    public static bool TryGetText(JsonElement json, string name, out string? value, out string error)
    {
        (value, error) = (null, string.Empty);
        if (!Has(json, name, out var member)) return true;
        if (member.ValueKind != JsonValueKind.String) return Wrong(name, "a string", member, out error);
        value = member.GetString();
        return true;
    }

    public static bool TryGetFlag(JsonElement json, string name, out bool? value, out string error)
    {
        (value, error) = (null, string.Empty);
        if (!Has(json, name, out var member)) return true;
        if (member.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return Wrong(name, "true or false", member, out error);
        value = member.GetBoolean();
        return true;
    }

    /// <param name="max">Largest value taken; the smallest is 0.</param>
    public static bool TryGetWhole(JsonElement json, string name, long max, out long? value, out string error)
    {
        (value, error) = (null, string.Empty);
        if (!Has(json, name, out var member)) return true;
        if (member.ValueKind != JsonValueKind.Number || !member.TryGetInt64(out var number) || number < 0 || number > max)
        {
            return Wrong(name, $"a whole number from 0 to {max}", member, out error);
        }

        value = number;
        return true;
    }

    /// <param name="maxBytes">Longest value taken.</param>
    public static bool TryGetBytes(JsonElement json, string name, int maxBytes, out byte[]? value, out string error)
    {
        value = null;
        if (!TryGetText(json, name, out var text, out error) || text is null) return error.Length == 0;
        if (!Base64Url.IsValid(text, out var length) || length > maxBytes)
        {
            error = $"Property '{name}' was expected to be base64url of at most {maxBytes} bytes.";
            return false;
        }

        value = Base64Url.DecodeFromChars(text);
        return true;
    }

    public static bool TryGetObject(JsonElement json, string name, out JsonElement? value, out string error)
    {
        (value, error) = (null, string.Empty);
        if (!Has(json, name, out var member)) return true;
        if (member.ValueKind != JsonValueKind.Object) return Wrong(name, "an object", member, out error);
        value = member;
        return true;
    }

    /// <param name="max">Most items taken.</param>
    public static bool TryGetTexts(JsonElement json, string name, int max, out string[]? value, out string error)
    {
        (value, error) = (null, string.Empty);
        if (!Has(json, name, out var member)) return true;
        if (member.ValueKind != JsonValueKind.Array || member.GetArrayLength() > max)
        {
            return Wrong(name, $"an array of at most {max} strings", member, out error);
        }

        var items = new List<string>();
        foreach (var item in member.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) return Wrong(name, $"an array of at most {max} strings", item, out error);
            items.Add(item.GetString()!);
        }

        value = [.. items];
        return true;
    }

    private static bool Has(JsonElement json, string name, out JsonElement member) =>
        json.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;

    private static bool Wrong(string name, string expected, JsonElement member, out string error)
    {
        error = $"Property '{name}' was expected to be {expected}, got {member.ValueKind}.";
        return false;
    }
}
