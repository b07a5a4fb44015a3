using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Twin;

/// <summary>The mediators' keys out of a file: key identifier to JWK.</summary>
internal sealed class TwinKeys(Dictionary<string, VerificationKey> keys)
{
    public static TwinKeys Load(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return new TwinKeys(file.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => Parse(entry.Value.GetRawText())));
    }

    public VerificationKey Of(KeyIdentifier id) => keys[id.Text];

    private static VerificationKey Parse(string json) =>
        PublicJwk.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out var jwk, out var error)
        && VerificationKey.TryCreate(jwk, out var key, out error)
            ? key
            : throw new InvalidDataException(error);
}
