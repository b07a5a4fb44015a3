using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Hybrid;

/// <summary>The drafts' own vectors; the README beside them says where they are from.</summary>
public sealed class HpkeVectorTests
{
    private const string Said =
        "You can trust us to stick with you through thick and thin–to the bitter end. And you can trust us to keep any secret of yours–closer than "
            + "you keep it yourself. But you cannot trust us to let you face trouble alone, and go off without a word. We are your friends, Frodo.";

    // 0x0010, which HPKE-8-KE has no use for: the draft's vector of this KEM with AES-256-GCM is for it.
    private static readonly HpkeKdf Shake128 = new(0x10, 128, 32);

    [Fact]
    public void Kem_EveryVectorOfTheDraft_Agrees()
    {
        var vectors = Read("hpke-pq.json").AsArray();
        foreach (var vector in vectors)
        {
            var seed = Hex(vector, "skRm");
            using var pair = MlKem768P256.Expand(seed);
            Assert.Equal(seed, DeriveSeed(Hex(vector, "ikmR")));
            Assert.Equal(Hex(vector, "pkRm"), pair.PublicKey);
            Assert.True(HybridKey.IsPublicKey(pair.PublicKey));

            var (secret, encapsulation) = (new byte[32], new byte[HybridKey.EncapsulationSize]);
            MlKem768P256.Encapsulate(pair.PublicKey, Hex(vector, "ikmE"), secret, encapsulation);
            Assert.Equal(Hex(vector, "enc"), encapsulation);
            Assert.Equal(Hex(vector, "shared_secret"), secret);

            var opened = new byte[32];
            Assert.True(pair.TryDecapsulate(encapsulation, opened));
            Assert.Equal(secret, opened);
        }
        Assert.Equal(2, vectors.Count);
    }

    [Fact]
    public void Schedule_VectorOfTheDraft_Agrees()
    {
        var vector = Read("hpke-pq.json").AsArray().Single(one => (int)one!["kdf_id"]! == 0x10);
        var (secret, info) = (Hex(vector, "shared_secret"), Hex(vector, "info"));
        var (key, nonce) = (new byte[32], new byte[12]);
        Hpke.Schedule(Shake128, secret, info, key, nonce);
        Assert.Equal(Hex(vector, "key"), key);
        Assert.Equal(Hex(vector, "base_nonce"), nonce);

        var first = vector!["encryptions"]![0];
        var (plaintext, aad) = (Hex(first, "pt"), Hex(first, "aad"));
        var ciphertext = new byte[plaintext.Length + Hpke.TagSize];
        Hpke.Seal(Shake128, secret, info, plaintext, ciphertext, aad);
        Assert.Equal(Hex(first, "ct"), ciphertext);
        var opened = new byte[plaintext.Length];
        Assert.True(Hpke.TryOpen(Shake128, secret, info, ciphertext, opened, aad));
        Assert.Equal(plaintext, opened);
        Assert.False(Hpke.TryOpen(HpkeKdf.Shake256, secret, info, ciphertext, opened, aad));
        Assert.False(Hpke.TryOpen(Shake128, secret, info, ciphertext, opened));
        Assert.False(Hpke.TryOpen(Shake128, secret, [.. info, 0], ciphertext, opened, aad));
    }

    [Fact]
    public void TryDecrypt_JweOfTheDraft_OpensInBothSerializations()
    {
        var file = Read("jose-hpke-pq-pqt.json");
        using var key = Key(file["jwk"]!);
        Assert.True(HybridKeyPair.Belongs(key));
        // The draft's keys are named by their thumbprints.
        Assert.Equal(key.KeyId, key.Public.Thumbprint().ToString());

        var flattened = file["flattened"]!;
        var aad = $"{flattened["protected"]}.{flattened["aad"]}";
        string[] names = ["encrypted_key", "iv", "ciphertext", "tag"];
        Assert.Equal(Said, Open(key, (string)flattened["protected"]!, aad, [.. names.Select(name => Bytes(flattened, name))]));
        var parts = ((string)file["compact"]!).Split('.');
        Assert.Equal(Said, Open(key, parts[0], parts[0], [.. parts[1..].Select(part => StrictBase64Url.Decode(part)!)]));
    }

    [Fact]
    public void TryParse_JwkOfAnotherAlgorithmOfTheDraft_IsRefused()
    {
        foreach (var (name, jwk) in Read("jose-hpke-pq-pqt.json")["otherAlgorithms"]!.AsObject())
        {
            Assert.False(PrivateJwk.TryParse(Samples.Utf8(jwk!.ToJsonString()), out _, out var error));
            Assert.Contains($"expected 'alg' of an AKP key to be HPKE-8-KE, got '{name}'", error, StringComparison.Ordinal);
        }
    }

    // What ContentOpener does, for a JWE without this format's own header member.
    private static string Open(PrivateJwk key, string protectedText, string aad, byte[][] parts)
    {
        var header = JsonNode.Parse(StrictBase64Url.Decode(protectedText)!)!;
        Assert.Equal((JweNames.Hybrid, JweNames.Encryption, key.KeyId), ((string)header["alg"]!, (string)header["enc"]!, (string)header["kid"]!));
        var contentKey = new byte[ContentCipher.KeySize];
        Assert.True(HpkeKeyEncryption.Instance.TryDecrypt(key, JweNames.HpkeInfo, Bytes(header, "ek"), parts[0], contentKey));
        var plaintext = new byte[parts[2].Length];
        Assert.True(ContentCipher.TryDecrypt(contentKey, parts[1], parts[2], parts[3], Samples.Ascii(aad), plaintext));
        return Samples.Text(plaintext);
    }

    // DeriveKeyPair of draft-ietf-hpke-pq section 4, of which a key made here has no need: its seed is random.
    private static byte[] DeriveSeed(byte[] ikm)
    {
        var keccak = new Keccak(256);
        keccak.Append(ikm);
        keccak.Append([.. "HPKE-v1KEM"u8, 0, 0x50, 0, 13, .. "DeriveKeyPair"u8, 0, HybridKey.SeedSize]);
        var seed = new byte[HybridKey.SeedSize];
        keccak.Finish(seed);
        return seed;
    }

    private static PrivateJwk Key(JsonNode jwk)
    {
        Assert.True(PrivateJwk.TryParse(JsonSerializer.SerializeToUtf8Bytes(jwk), out var key, out var error), error);
        return key;
    }

    private static byte[] Hex(JsonNode? node, string name) => Convert.FromHexString((string)node![name]!);

    private static byte[] Bytes(JsonNode node, string name) => StrictBase64Url.Decode((string)node[name]!)!;

    private static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Hybrid", file)))!;
}
