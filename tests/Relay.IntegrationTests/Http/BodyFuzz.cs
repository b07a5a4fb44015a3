using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Protocol.Text;

namespace Relay.IntegrationTests.Http;

/// <summary>Bodies that are nearly right, made of one that is: by a seed, so that what is found can be found again.</summary>
internal sealed class BodyFuzz(Random random)
{
    // Takes the place of one value of a document; no document has it.
    private const string Mark = "\"-here-\"";

    private static readonly string[] Values =
    [
        "null", "true", "0", "-0", "1e400", "1E-400", "-1", "3.14", "99999999999999999999999999999999999999", "18446744073709551616", "[]",
        "{}", "[[[[]]]]", "\"\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"a\u0000b\"", "\"\u202e\"", "01", "NaN", "Infinity",
        "'x'", "\"\\x\"", "// no", "{\"a\":1,\"a\":2}",
    ];

    /// <summary>One of each kind.</summary>
    /// <param name="good">Of the right shape: JSON, or a compact JWS.</param>
    public IEnumerable<(string Kind, byte[] Body)> Of(byte[] good)
    {
        yield return ("nothing", []);
        yield return ("truncated", good[..random.Next(1, good.Length)]);
        yield return ("more after it", [.. good, .. good]);
        yield return ("a byte changed", Changed(good));
        yield return ("a byte that is no UTF-8", Inserted(good, (byte)random.Next(0x80, 0x100)));
        yield return ("a NUL", Inserted(good, 0));
        yield return ("noise", Noise(good.Length));
        yield return ("deep arrays", Deep('[', good.Length));
        yield return ("deep objects", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", good.Length / 5))));
        yield return ("another document", Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
        foreach (var (kind, body) in IsJson(good) ? OfJson(good) : OfCompact(good)) yield return (kind, body);
    }

    private IEnumerable<(string Kind, byte[] Body)> OfJson(byte[] good)
    {
        foreach (var (kind, body) in Documents(good)) yield return (kind, body);
        // What is JSON inside of it, in base64url.
        foreach (var member in Members(JsonNode.Parse(good)!).Where(IsEncoded))
        {
            var inner = StrictBase64Url.Decode(member.GetValue<string>())!;
            foreach (var (kind, changed) in Documents(inner)) yield return ($"{kind}, inside", Replaced(good, member, Quoted(changed)));
        }
    }

    private IEnumerable<(string Kind, byte[] Body)> OfCompact(byte[] good)
    {
        var parts = Encoding.ASCII.GetString(good).Split('.');
        for (var part = 0; part < 2; part++)
        {
            foreach (var (kind, changed) in Documents(StrictBase64Url.Decode(parts[part])!))
            {
                string[] others = [.. parts];
                others[part] = StrictBase64Url.Encode(changed);
                yield return ($"{kind}, part {part}", Encoding.ASCII.GetBytes(string.Join('.', others)));
            }
        }

        yield return ("a part less", Encoding.ASCII.GetBytes(string.Join('.', parts[..2])));
        yield return ("a part more", Encoding.ASCII.GetBytes(string.Join('.', parts) + ".e30"));
        yield return ("no signature", Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}."));
    }

    private IEnumerable<(string Kind, byte[] Body)> Documents(byte[] json)
    {
        var members = Members(JsonNode.Parse(json)!).ToList();
        foreach (var value in random.GetItems(Values, 6))
        {
            yield return ($"{value} somewhere", Replaced(json, members[random.Next(members.Count)], Encoding.UTF8.GetBytes(value)));
        }

        var text = Encoding.UTF8.GetString(json);
        var first = JsonNode.Parse(json)!.AsObject().First();
        var again = $"{{\"{first.Key}\":{first.Value?.ToJsonString() ?? "null"},";
        yield return ("a member twice", Encoding.UTF8.GetBytes(again + text[(text.IndexOf('{', StringComparison.Ordinal) + 1)..]));
        yield return ("a member that nobody knows", Encoding.UTF8.GetBytes("{\"__proto__\":{\"a\":1}," + text[1..]));
        yield return ("garbage of the right shape", Replaced(json, members[random.Next(members.Count)], Quoted(Noise(40))));
    }

    // Every value that is no object or array.
    private static IEnumerable<JsonValue> Members(JsonNode node) => node switch
    {
        JsonObject all => all.Where(pair => pair.Value is not null).SelectMany(pair => Members(pair.Value!)),
        JsonArray all => all.OfType<JsonNode>().SelectMany(Members),
        JsonValue value => [value],
        _ => [],
    };

    private static bool IsEncoded(JsonValue value)
    {
        if (!value.TryGetValue<string>(out var text) || !text.StartsWith("eyJ", StringComparison.Ordinal)) return false;
        try
        {
            return StrictBase64Url.Decode(text) is { } inner && JsonNode.Parse(inner) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // The document is written with a mark in the member's place, for a value that no JSON writer would write.
    private static byte[] Replaced(byte[] json, JsonValue member, byte[] value)
    {
        var root = JsonNode.Parse(json)!;
        Find(root, member.GetPath()).ReplaceWith(Mark.Trim('"'));
        var text = Encoding.UTF8.GetBytes(root.ToJsonString());
        var at = text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark));
        return [.. text[..at], .. value, .. text[(at + Mark.Length)..]];
    }

    private static JsonValue Find(JsonNode root, string path) => Members(root).Single(value => value.GetPath() == path);

    private static byte[] Quoted(byte[] bytes) => Encoding.ASCII.GetBytes($"\"{StrictBase64Url.Encode(bytes)}\"");

    private static bool IsJson(byte[] good) => good[0] == (byte)'{';

    private byte[] Changed(byte[] good)
    {
        byte[] changed = [.. good];
        changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 0x80);
        return changed;
    }

    private byte[] Inserted(byte[] good, byte value)
    {
        var at = random.Next(good.Length);
        return [.. good[..at], value, .. good[at..]];
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Deep(char open, int depth) => Encoding.ASCII.GetBytes(new string(open, depth));
}
