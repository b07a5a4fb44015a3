using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Wycheproof;

public sealed class SignatureVectorTests
{
    [Theory]
    [InlineData("ecdsa_secp256r1_sha256_p1363_test.json", JwsAlgorithm.ES256, 262)]
    [InlineData("ecdsa_secp384r1_sha384_p1363_test.json", JwsAlgorithm.ES384, 280)]
    [InlineData("rsa_pss_2048_sha256_mgf1_32_test.json", JwsAlgorithm.PS256, 108)]
    [InlineData("rsa_pss_3072_sha256_mgf1_32_test.json", JwsAlgorithm.PS256, 108)]
    public void Verify_Wycheproof_AgreesOnEveryCase(string file, JwsAlgorithm algorithm, int cases)
    {
        var run = 0;
        foreach (var (group, test) in WycheproofFile.Read(file))
        {
            run++;
            using var key = Key(group);
            var fault = key.Verify(algorithm, test.Hex("msg"), test.Hex("sig"));
            Assert.True(test.IsValid() == (fault == SignatureFault.None), $"{test.Name()}: {fault}");
        }
        Assert.Equal(cases, run);
    }

    [Fact]
    public void TryParse_WycheproofCompactJws_IsNeverAnEnvelope()
    {
        var run = 0;
        foreach (var (_, test) in WycheproofFile.Read("json_web_signature_test.json"))
        {
            run++;
            var parts = Jws(test).Split('.');
            var wire = Samples.Utf8(parts.Length == 3
                ? JsonSerializer.Serialize(new { payload = parts[1], signatures = new[] { new { @protected = parts[0], signature = parts[2] } } })
                : JsonSerializer.Serialize(Jws(test)));
            Assert.False(Envelope.TryParse(wire, EnvelopeLimits.Default, out _, out _, out _), test.Name());
        }
        Assert.Equal(401, run);
    }

    [Fact]
    public void Verify_WycheproofCompactJws_AcceptsWhatIsValidInOurAlgorithmsAlone()
    {
        var accepted = 0;
        foreach (var (group, test) in WycheproofFile.Read("json_web_signature_test.json"))
        {
            var verified = Verify(group, Jws(test));
            Assert.True(!verified || test.IsValid(), $"{test.Name()} verified");
            if (verified) accepted++;
        }
        // ES256: 2, PS256/384/512: 14. Four more have keys whose 'alg' names another algorithm than their header, and a key is held to it;
        // HS* and RS* are none of ours.
        Assert.Equal(16, accepted);
    }

    // What an envelope's reader does, without the rules that only an envelope can keep (kid, typ).
    private static bool Verify(JsonElement group, string jws)
    {
        var parts = jws.Split('.');
        if (parts.Length != 3 || !group.TryGetProperty("public", out var jwk)) return false;
        if (StrictBase64Url.Decode(parts[0]) is not { } header || StrictBase64Url.Decode(parts[1]) is null || StrictBase64Url.Decode(parts[2]) is not { } signature) return false;
        if (!StrictJsonDocument.TryParse(header, EnvelopeLimits.MaxHeaderBytes, out var document, out _)) return false;
        using (document)
        {
            if (document.RootElement.TryGetProperty("crit", out _) || !document.RootElement.TryGetProperty("alg", out var name)) return false;
            if (!JwsAlgorithms.TryParse(name.GetString(), out var algorithm)) return false;
            if (!PublicJwk.TryParse(Samples.Utf8(jwk.GetRawText()), out var publicJwk, out _) || !VerificationKey.TryCreate(publicJwk, out var key, out _)) return false;
            using (key)
            {
                return key.Verify(algorithm, Samples.Ascii($"{parts[0]}.{parts[1]}"), signature) == SignatureFault.None;
            }
        }
    }

    private static string Jws(JsonElement test) => test.GetProperty("jws").ValueKind == JsonValueKind.String ? test.Text("jws") : test.GetProperty("jws").GetRawText();

    // Not every group of ECDSA vectors has its key as JWK too.
    private static VerificationKey Key(JsonElement group)
    {
        VerificationKey? key;
        string error;
        var publicKey = group.GetProperty("publicKey");
        if (publicKey.TryGetProperty("uncompressed", out var uncompressed))
        {
            var point = Convert.FromHexString(uncompressed.GetString()!);
            var size = point.Length / 2;
            var curve = size == 32 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384;
            var parameters = new ECParameters { Curve = curve, Q = new ECPoint { X = point[1..(size + 1)], Y = point[(size + 1)..] } };
            Assert.True(VerificationKey.TryCreate(parameters, out key, out error), error);
            return key;
        }
        Assert.True(PublicJwk.TryParse(Samples.Utf8(group.GetProperty("publicKeyJwk").GetRawText()), out var publicJwk, out error), error);
        Assert.True(VerificationKey.TryCreate(publicJwk, out key, out error), error);
        return key;
    }
}
