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
    [InlineData("ecdsa-p256-sha256", JwsAlgorithm.ES256, 262)]
    [InlineData("ecdsa-p384-sha384", JwsAlgorithm.ES384, 280)]
    [InlineData("ecdsa-p521-sha512", JwsAlgorithm.ES512, 318)]
    [InlineData("rsa-pss-2048-sha256", JwsAlgorithm.PS256, 108)]
    [InlineData("rsa-pss-3072-sha256", JwsAlgorithm.PS256, 108)]
    [InlineData("rsa-pss-2048-sha384", JwsAlgorithm.PS384, 141)]
    [InlineData("rsa-pss-4096-sha512", JwsAlgorithm.PS512, 179)]
    public void Verify_Wycheproof_AgreesOnEveryCase(string file, JwsAlgorithm algorithm, int cases)
    {
        var run = 0;
        foreach (var test in WycheproofFile.Read(file))
        {
            run++;
            using var key = Key(test.Group);
            var fault = key.Verify(algorithm, test.Hex("msg"), test.Hex("sig"));
            Assert.True(test.IsValid == (fault == SignatureFault.None), $"{test.Name}: {fault}");
        }
        Assert.Equal(cases, run);
    }

    [Fact]
    public void TryParse_WycheproofCompactJws_IsNeverASignedHead()
    {
        var run = 0;
        foreach (var test in WycheproofFile.Read("jws"))
        {
            run++;
            var parts = test.Text("jws").Split('.');
            var wire = Samples.Utf8(parts.Length == 3
                ? JsonSerializer.Serialize(
                    new { payload = parts[1], signatures = new[] { new { @protected = parts[0], signature = parts[2] } } })
                : JsonSerializer.Serialize(test.Text("jws")));
            Assert.False(SignedHead.TryParse(wire, EnvelopeLimits.Default, out _, out _, out _), test.Name);
        }
        Assert.Equal(401, run);
    }

    [Fact]
    public void Verify_WycheproofCompactJws_AcceptsWhatIsValidInOurAlgorithmsAlone()
    {
        var accepted = 0;
        foreach (var test in WycheproofFile.Read("jws"))
        {
            var verified = Verify(test.Group, test.Text("jws"));
            Assert.True(!verified || test.IsValid, $"{test.Name} verified");
            if (verified) accepted++;
        }
        // ES256: 2, PS256/384/512: 14. Four more have keys whose 'alg' names another algorithm than their header, and a key is held to it;
        // HS* and RS* are none of ours.
        Assert.Equal(16, accepted);
    }

    // What an envelope's reader does, without the rules that only an envelope can keep (kid, typ).
    private static bool Verify(string publicKey, string jws)
    {
        var parts = jws.Split('.');
        if (parts.Length != 3) return false;
        if (StrictBase64Url.Decode(parts[0]) is not { } header
            || StrictBase64Url.Decode(parts[1]) is null
            || StrictBase64Url.Decode(parts[2]) is not { } signature)
        {
            return false;
        }
        if (!StrictJsonDocument.TryParse(header, EnvelopeLimits.MaxHeaderBytes, out var document, out _)) return false;
        using (document)
        {
            if (document.RootElement.TryGetProperty("crit", out _) || !document.RootElement.TryGetProperty("alg", out var name))
            {
                return false;
            }
            if (!JwsAlgorithms.TryParse(name.GetString(), out var algorithm)) return false;
            if (!PublicJwk.TryParse(Samples.Utf8(publicKey), out var publicJwk, out _)
                || !VerificationKey.TryCreate(publicJwk, out var key, out _))
            {
                return false;
            }
            using (key)
            {
                return key.Verify(algorithm, Samples.Ascii($"{parts[0]}.{parts[1]}"), signature) == SignatureFault.None;
            }
        }
    }

    // An uncompressed point, or a JWK.
    private static VerificationKey Key(string group)
    {
        VerificationKey? key;
        string error;
        if (!group.StartsWith('{'))
        {
            var point = Convert.FromHexString(group);
            var size = point.Length / 2;
            var curve = size switch
            {
                32 => ECCurve.NamedCurves.nistP256,
                48 => ECCurve.NamedCurves.nistP384,
                _ => ECCurve.NamedCurves.nistP521,
            };
            var parameters = new ECParameters { Curve = curve, Q = new ECPoint { X = point[1..(size + 1)], Y = point[(size + 1)..] } };
            Assert.True(VerificationKey.TryCreate(parameters, out key, out error), error);
            return key;
        }
        Assert.True(PublicJwk.TryParse(Samples.Utf8(group), out var publicJwk, out error), error);
        Assert.True(VerificationKey.TryCreate(publicJwk, out key, out error), error);
        return key;
    }
}
