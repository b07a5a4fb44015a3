using System.Security.Cryptography;
using System.Text.Json;
using Azure.Security.KeyVault.Keys;

namespace StandIns.Tests.KeyVault;

public sealed class JsonWebKeyTests
{
    private static readonly byte[] Data = "hello"u8.ToArray();

    [Theory]
    [InlineData("P-256", 32)]
    [InlineData("P-384", 48)]
    [InlineData("P-521", 66)]
    public void ToECDsa_AfterAJsonRoundTrip_IsTheSameKey(string curve, int fieldBytes)
    {
        using var pair = ECDsa.Create(curve switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            _ => ECCurve.NamedCurves.nistP521,
        });
        var key = JsonSerializer.Deserialize<JsonWebKey>(JsonSerializer.Serialize(new JsonWebKey(pair, includePrivateParameters: true)))!;
        using var again = key.ToECDsa(includePrivateParameters: true);
        using var verifier = key.ToECDsa();

        Assert.Equal(curve, key.CurveName.ToString());
        Assert.Equal(fieldBytes, key.X.Length);
        Assert.Equal([KeyOperation.Sign, KeyOperation.Verify], key.KeyOps);
        Assert.True(verifier.VerifyData(Data, again.SignData(Data, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        Assert.ThrowsAny<CryptographicException>(() => verifier.SignData(Data, HashAlgorithmName.SHA256));
    }

    [Fact]
    public void ToRSA_AfterAJsonRoundTrip_IsTheSameKey()
    {
        using var pair = RSA.Create(2048);
        var key = JsonSerializer.Deserialize<JsonWebKey>(JsonSerializer.Serialize(new JsonWebKey(pair, includePrivateParameters: true)))!;
        using var again = key.ToRSA(includePrivateParameters: true);
        using var verifier = key.ToRSA();

        Assert.True(
            verifier.VerifyData(
                Data,
                again.SignData(Data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pss));
    }

    [Fact]
    public void ToECDsa_OfTheKeyOfRfc7515_VerifiesItsSignature()
    {
        // RFC 7515 appendix A.3.
        const string Key = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";
        const string SigningInput =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const string Signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        using var ecdsa = JsonSerializer.Deserialize<JsonWebKey>(Key)!.ToECDsa();

        Assert.True(
            ecdsa.VerifyData(
                System.Text.Encoding.ASCII.GetBytes(SigningInput),
                System.Buffers.Text.Base64Url.DecodeFromChars(Signature),
                HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Constructor_WithoutPrivateParameters_LeavesThemOut()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var ecKey = new JsonWebKey(ec);
        var rsaKey = new JsonWebKey(rsa);

        Assert.Null(ecKey.D);
        Assert.Equal([KeyOperation.Verify], ecKey.KeyOps);
        Assert.Null(rsaKey.D);
        Assert.Null(rsaKey.P);
        Assert.Equal([KeyOperation.Encrypt, KeyOperation.Verify, KeyOperation.WrapKey], rsaKey.KeyOps);
        Assert.DoesNotContain("\"d\"", JsonSerializer.Serialize(ecKey), StringComparison.Ordinal);
    }

    [Fact]
    public void ToECDsa_OfAnythingButAPoint_Throws()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);

        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(rsa).ToECDsa());
        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(pair).ToRSA());
        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(pair) { CurveName = KeyCurveName.P256K }.ToECDsa());
        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(pair) { X = new byte[33] }.ToECDsa());
        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(pair) { Y = null! }.ToECDsa());
        Assert.Throws<InvalidOperationException>(() => new JsonWebKey(pair).ToECDsa(includePrivateParameters: true));
        Assert.ThrowsAny<CryptographicException>(() => new JsonWebKey(pair) { Y = new byte[32] }.ToECDsa());
    }

    [Theory]
    [InlineData("""{"kty":"EC","x":"***"}""")]
    [InlineData("""{"kty":5}""")]
    [InlineData("""{"kty":"EC","key_ops":"sign"}""")]
    [InlineData("""[]""")]
    public void Read_OfMalformedJson_IsAJsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<JsonWebKey>(json));
}
