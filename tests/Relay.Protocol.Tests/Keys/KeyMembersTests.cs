using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Keys;

public sealed class KeyMembersTests
{
    [Theory]
    [InlineData("EC", "P-256", JwkKind.P256)]
    [InlineData("EC-HSM", "P-384", JwkKind.P384)]
    [InlineData("EC", "P-521", JwkKind.P521)]
    public void TryCreate_EcKeyOfAVault_IsTheKeyWithOrWithoutLeadingZeros(string type, string curve, JwkKind kind)
    {
        using var key = PrivateJwk.Generate(kind, "us#1");
        var point = key.Public.ToECParameters().Q;
        var members = new KeyMembers { Type = type, Curve = curve, X = point.X, Y = point.Y };
        Assert.True(PublicJwk.TryCreate(members, null, out var jwk, out var error), error);
        Assert.Equal(key.Public.Thumbprint(), jwk.Thumbprint());
        Assert.True(
            PublicJwk.TryCreate(members with { X = point.X!.SkipWhile(octet => octet == 0).ToArray() }, null, out jwk, out error), error);
        Assert.Equal(key.Public.Thumbprint(), jwk.Thumbprint());
    }

    [Theory]
    [InlineData("RSA")]
    [InlineData("RSA-HSM")]
    public void TryCreate_RsaKeyOfAVault_IsTheKey(string type)
    {
        using var rsa = RSA.Create(2048);
        var parameters = rsa.ExportParameters(false);
        Assert.True(
            PublicJwk.TryCreate(
                new KeyMembers { Type = type, Modulus = parameters.Modulus, Exponent = parameters.Exponent },
                null,
                out var jwk,
                out var error),
            error);
        Assert.Equal(JwkKind.Rsa, jwk.Kind);
    }

    [Theory]
    [InlineData("EC", "P-256K")]
    [InlineData("EC", null)]
    [InlineData("EC", "P-384")]
    [InlineData("oct", "P-256")]
    [InlineData("RSA", "P-256")]
    [InlineData(null, null)]
    public void TryCreate_OtherKindOrCurve_IsRefusedInWords(string? type, string? curve)
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        var point = key.Public.ToECParameters().Q;
        Assert.False(
            PublicJwk.TryCreate(new KeyMembers { Type = type, Curve = curve, X = point.X, Y = point.Y }, null, out var jwk, out var error));
        Assert.Null(jwk);
        Assert.StartsWith("expected", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_PointMissingOrOffItsCurve_IsRefused()
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        var point = key.Public.ToECParameters().Q;
        var members = new KeyMembers { Type = "EC", Curve = "P-256", X = point.X, Y = point.Y };
        Assert.False(PublicJwk.TryCreate(members with { Y = null }, null, out _, out _));
        Assert.False(PublicJwk.TryCreate(members with { X = [.. point.X!, 0] }, null, out _, out _));
        Assert.False(PublicJwk.TryCreate(members with { X = point.Y, Y = point.X }, null, out _, out _));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("verify", true)]
    [InlineData("sign verify", true)]
    [InlineData("sign", false)]
    [InlineData("Verify", false)]
    [InlineData("wrapKey unwrapKey", false)]
    public void TryCreate_Operations_SayWhetherItVerifies(string operations, bool verifies)
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        var point = key.Public.ToECParameters().Q;
        var members = new KeyMembers
        {
            Type = "EC",
            Curve = "P-256",
            X = point.X,
            Y = point.Y,
            Operations = operations.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        };
        Assert.True(PublicJwk.TryCreate(members, null, out var jwk, out _));
        Assert.Equal(verifies, VerificationKey.TryCreate(jwk, out var verification, out _));
        verification?.Dispose();
    }
}
