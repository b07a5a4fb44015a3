using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Keys;

public sealed class JwkTests
{
    // RFC 7638 section 3.1.
    private const string Rfc7638 = """{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}""";

    [Fact]
    public void Thumbprint_Rfc7638_IsItsAnswer()
    {
        Assert.True(PublicJwk.TryParse(Samples.Utf8(Rfc7638), out var jwk, out var error), error);
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", jwk.Thumbprint().ToString());
        Assert.Equal(JwkKind.Rsa, jwk.Kind);
    }

    [Theory]
    [InlineData(JwkKind.P256)]
    [InlineData(JwkKind.P384)]
    [InlineData(JwkKind.P521)]
    public void TryParse_OwnJson_IsTheSameKey(JwkKind kind)
    {
        using var key = PrivateJwk.Generate(kind, "us#1");
        Assert.True(PrivateJwk.TryParse(key.ToJson(), out var read, out var error), error);
        using (read)
        {
            Assert.Equal(key.Public.Thumbprint(), read.Public.Thumbprint());
            Assert.Equal("us#1", read.KeyId);
            Assert.Equal(kind, read.Kind);
        }
        Assert.True(PublicJwk.TryParse(key.Public.ToJson(), out var open, out error), error);
        Assert.Equal(key.Public.Thumbprint(), open.Thumbprint());
    }

    [Fact]
    public void ToString_PrivateKey_ShowsTheIdAlone()
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        Assert.Equal("us#1", key.ToString());
        Assert.Equal("us#1", $"{key}");
    }

    [Fact]
    public void TryParse_PrivateWhereAPublicIsExpected_IsRefused()
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        Assert.False(PublicJwk.TryParse(key.ToJson(), out _, out var error));
        Assert.Contains("private member 'd'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_PrivateValueOfAnotherPoint_IsRefused()
    {
        using var one = PrivateJwk.Generate(JwkKind.P256, "us#1");
        using var two = PrivateJwk.Generate(JwkKind.P256, "us#1");
        var mixed = Samples.Text(two.Public.ToJson()).Replace("\"kid\"", $"\"d\":\"{D(one)}\",\"kid\"", StringComparison.Ordinal);
        Assert.False(PrivateJwk.TryParse(Samples.Utf8(mixed), out _, out var error));
        Assert.DoesNotContain(D(one), error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"kty":"oct","k":"AAAA"}""")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AA"}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","kty":"RSA"}""")]
    public void TryParse_NotOurKey_SaysWhatWasExpected(string json)
    {
        Assert.False(PublicJwk.TryParse(Samples.Utf8(json), out _, out var error));
        Assert.StartsWith("expected", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("y")]
    public void TryParse_PointOffTheCurve_IsRefused(string coordinate)
    {
        using var key = PrivateJwk.Generate(JwkKind.P384, "us#1");
        var point = key.Public.ToECParameters();
        (coordinate == "x" ? point.Q.X : point.Q.Y)![20] ^= 1;
        Assert.False(PublicJwk.TryCreate(point, null, out _, out _));
    }

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void TryCreate_ManyGeneratedKeys_AllOnTheCurve(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(name));
            Assert.True(PublicJwk.TryCreate(key.ExportParameters(false), null, out _, out var error), error);
        }
    }

    [Fact]
    public void TryCreate_CoordinateAbovePrime_IsRefused()
    {
        var all = new byte[32];
        Array.Fill(all, (byte)0xff);
        Assert.False(
            PublicJwk.TryCreate(
                new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = all, Y = all } }, null, out _, out _));
    }

    private static string D(PrivateJwk key)
    {
        using var ec = key.CreateECDsa();
        return StrictBase64Url.Encode(ec.ExportParameters(true).D);
    }
}
