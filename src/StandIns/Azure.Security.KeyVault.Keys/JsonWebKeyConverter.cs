using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Azure.Security.KeyVault.Keys;

/// <summary>JSON of RFC 7517. Unknown members are skipped, as section 4 asks.</summary>
internal sealed class JsonWebKeyConverter : JsonConverter<JsonWebKey>
{
    public override JsonWebKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return ReadKey(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, JsonWebKey value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        WriteMembers(writer, value);
        writer.WriteEndObject();
    }

    /// <exception cref="JsonException">A member has another JSON type than RFC 7518 gives it, or is not base64url.</exception>
    internal static JsonWebKey ReadKey(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException($"Expected a JSON Web Key, got {json.ValueKind}.");

        var key = new JsonWebKey();
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "kid": key.Id = Text(member); break;
                case "kty": key.KeyType = Text(member); break;
                case "crv": key.CurveName = Text(member); break;
                case "key_ops": key.KeyOps = Operations(member.Value); break;
                case "n": key.N = Bytes(member); break;
                case "e": key.E = Bytes(member); break;
                case "d": key.D = Bytes(member); break;
                case "dp": key.DP = Bytes(member); break;
                case "dq": key.DQ = Bytes(member); break;
                case "p": key.P = Bytes(member); break;
                case "q": key.Q = Bytes(member); break;
                case "qi": key.QI = Bytes(member); break;
                case "x": key.X = Bytes(member); break;
                case "y": key.Y = Bytes(member); break;
                case "k": key.K = Bytes(member); break;
                case "key_hsm": key.T = Bytes(member); break;
            }
        }

        return key;
    }

    internal static void WriteMembers(Utf8JsonWriter writer, JsonWebKey key)
    {
        if (key.Id is not null) writer.WriteString("kid", key.Id);
        writer.WriteString("kty", key.KeyType.ToString());
        if (key.KeyOps.Count > 0)
        {
            writer.WriteStartArray("key_ops");
            foreach (var operation in key.KeyOps) writer.WriteStringValue(operation.ToString());
            writer.WriteEndArray();
        }

        if (key.CurveName is { } curve) writer.WriteString("crv", curve.ToString());
        ReadOnlySpan<(string Name, byte[]? Value)> members =
        [
            ("n", key.N), ("e", key.E), ("d", key.D), ("dp", key.DP), ("dq", key.DQ), ("p", key.P), ("q", key.Q), ("qi", key.QI),
            ("x", key.X), ("y", key.Y), ("k", key.K), ("key_hsm", key.T),
        ];
        foreach (var (name, value) in members)
        {
            if (value is not null) writer.WriteString(name, Base64Url.EncodeToString(value));
        }
    }

    internal static byte[] FromBase64Url(string text, string member) => Base64Url.IsValid(text)
        ? Base64Url.DecodeFromChars(text)
        : throw new JsonException($"Member '{member}' is not base64url.");

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw new JsonException($"Member '{member.Name}' is {member.Value.ValueKind}, expected a string.");

    private static byte[] Bytes(JsonProperty member) => FromBase64Url(Text(member), member.Name);

    private static KeyOperation[] Operations(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array) throw new JsonException($"Member 'key_ops' is {json.ValueKind}, expected an array.");
        return [.. json.EnumerateArray().Select(item => new KeyOperation(item.GetString() ?? string.Empty))];
    }
}
