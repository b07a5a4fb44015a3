using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Wycheproof;

public sealed class EncryptionVectorTests
{
    // SubjectPublicKeyInfo of an uncompressed P-256 point up to the point itself.
    private static readonly byte[] SpkiPrefix = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    [Fact]
    public void AesKeyWrap_Wycheproof_AgreesOnEveryCase()
    {
        var run = 0;
        foreach (var test in WycheproofFile.Read("aes-wrap"))
        {
            run++;
            var wrapped = test.Hex("ct");
            var plaintext = new byte[Math.Max(0, wrapped.Length - 8)];
            var unwrapped = AesKeyWrap.TryUnwrap(test.Hex("key"), wrapped, plaintext);
            Assert.True(unwrapped == test.IsValid, test.Name);
            if (!unwrapped) continue;
            Assert.Equal(test.Hex("msg"), plaintext);
            Assert.Equal(wrapped, AesKeyWrap.Wrap(test.Hex("key"), plaintext));
        }
        Assert.Equal(165, run);
    }

    [Fact]
    public void ContentCipher_WycheproofAesGcm_AgreesOnOurSizesAndRefusesOthers()
    {
        var (ours, others) = (0, 0);
        foreach (var test in WycheproofFile.Read("aes-gcm"))
        {
            var fits = test.Group == "256/96/128";
            var plaintext = new byte[test.Hex("ct").Length];
            var opened = ContentCipher.TryDecrypt(
                test.Hex("key"), test.Hex("iv"), test.Hex("ct"), test.Hex("tag"), test.Hex("aad"), plaintext);
            Assert.True(opened == (fits && test.IsValid), test.Name);
            if (opened) Assert.Equal(test.Hex("msg"), plaintext);
            if (fits) ours++;
            else others++;
        }
        Assert.True(ours > 50 && others > 50, $"{ours} of our sizes, {others} of others");
    }

    [Fact]
    public void Ecdh_Wycheproof_AgreesOnEveryPointAJwkCanName()
    {
        var (run, refused) = (0, 0);
        foreach (var test in WycheproofFile.Read("ecdh-p256"))
        {
            var point = test.Hex("public");
            run++;
            var x = point.AsSpan(SpkiPrefix.Length, 32);
            var y = point.AsSpan(SpkiPrefix.Length + 32);
            var json = $$"""{"kty":"EC","crv":"P-256","x":"{{StrictBase64Url.Encode(x)}}","y":"{{StrictBase64Url.Encode(y)}}"}""";
            if (!PublicJwk.TryParse(Samples.Utf8(json), out var jwk, out _))
            {
                refused++;
                Assert.False(test.IsValid, test.Name);
                continue;
            }
            Assert.True(test.Text("result") != "invalid", test.Name);
            var privateValue = test.Hex("private").AsSpan().TrimStart((byte)0).ToArray();
            var d = new byte[32];
            privateValue.CopyTo(d, 32 - privateValue.Length);
            using var own = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
            using var other = ECDiffieHellman.Create(jwk.ToECParameters());
            Assert.Equal(test.Hex("shared"), own.DeriveRawSecretAgreement(other.PublicKey));
        }
        Assert.True(run > 300 && refused > 0, $"{run} run, {refused} refused");
    }

    [Fact]
    public void Jwe_WycheproofEcdhEs_DecryptsWhatIsValidInOurAlgorithmsAlone()
    {
        var accepted = 0;
        foreach (var test in WycheproofFile.Read("jwe"))
        {
            using var privateJwk = JsonDocument.Parse(test.Group);
            var plaintext = Decrypt(privateJwk.RootElement, test.Text("jwe"));
            Assert.True(plaintext is null || test.IsValid, $"{test.Name} decrypted");
            if (plaintext is null) continue;
            accepted++;
            Assert.Equal(test.Hex("pt"), plaintext);
        }
        Assert.True(accepted > 0);
    }

    // The steps of ContentOpener on a compact JWE, which has no aad of its own.
    private static byte[]? Decrypt(JsonElement privateJwk, string jwe)
    {
        var parts = jwe.Split('.');
        if (parts.Length != 5 || !privateJwk.TryGetProperty("crv", out var curve) || curve.GetString() != "P-256") return null;
        if (StrictBase64Url.Decode(parts[0]) is not { } header || !StrictJsonDocument.TryParse(header, 2048, out var document, out _))
        {
            return null;
        }
        using (document)
        {
            var root = document.RootElement;
            if (root.TryGetProperty("crit", out _)
                || root.TryGetProperty("zip", out _)
                || root.TryGetProperty("apu", out _)
                || root.TryGetProperty("apv", out _))
            {
                return null;
            }
            if (!root.TryGetProperty("enc", out var enc) || enc.GetString() != JweNames.Encryption) return null;
            if (!root.TryGetProperty("alg", out var alg) || alg.GetString() is not (JweNames.Direct or JweNames.Wrapped)) return null;
            if (!root.TryGetProperty("epk", out var epk)
                || !PublicJwk.TryRead(epk, out var ephemeral, out _)
                || ephemeral.Kind != JwkKind.P256)
            {
                return null;
            }
            var direct = alg.GetString() == JweNames.Direct;
            using var own = ECDiffieHellman.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    D = StrictBase64Url.Decode(privateJwk.GetProperty("d").GetString()!),
                });
            using var other = ECDiffieHellman.Create(ephemeral.ToECParameters());
            var key = new byte[32];
            EcdhEs.DeriveKey(own, other.PublicKey, JweNames.DerivationId(direct), key);
            if (!direct)
            {
                var contentKey = new byte[32];
                if (!AesKeyWrap.TryUnwrap(key, StrictBase64Url.Decode(parts[1]), contentKey)) return null;
                key = contentKey;
            }
            if (StrictBase64Url.Decode(parts[2]) is not { } iv
                || StrictBase64Url.Decode(parts[3]) is not { } ciphertext
                || StrictBase64Url.Decode(parts[4]) is not { } tag)
            {
                return null;
            }
            var plaintext = new byte[ciphertext.Length];
            return ContentCipher.TryDecrypt(key, iv, ciphertext, tag, Samples.Ascii(parts[0]), plaintext) ? plaintext : null;
        }
    }
}
