using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Emulator.KeyVault.Tests;

public sealed class CryptographyTests
{
    private static readonly byte[] Data = "an envelope"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ES256", 64)]
    [InlineData("ES384", 96)]
    [InlineData("ES512", 132)]
    [InlineData("PS256", 256)]
    [InlineData("PS384", 256)]
    [InlineData("PS512", 256)]
    [InlineData("RS256", 256)]
    [InlineData("RS384", 256)]
    [InlineData("RS512", 256)]
    public async Task SignData_WithEachAlgorithm_VerifiesWithThePublicKeyAlone(string algorithm, int signatureBytes)
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey key = algorithm[0] == 'E'
            ? await client.CreateEcKeyAsync(new("k") { CurveName = CurveFor(algorithm) }, Cancel)
            : await client.CreateRsaKeyAsync(new("k"), Cancel);
        var cryptography = client.GetCryptographyClient("k", key.Properties.Version);
        var signed = await cryptography.SignDataAsync(algorithm, Data, Cancel);

        Assert.Equal(key.Id.AbsoluteUri, signed.KeyId);
        Assert.Equal(signatureBytes, signed.Signature.Length);
        Assert.True(VerifyByHand(key.Key, algorithm, Data, signed.Signature));
        Assert.True((await cryptography.VerifyDataAsync(algorithm, Data, signed.Signature, Cancel)).IsValid);
        Assert.True(await VerifyRemotelyAsync(vault, key.Id, algorithm, Data, signed.Signature));
        signed.Signature[5] ^= 1;
        Assert.False((await cryptography.VerifyDataAsync(algorithm, Data, signed.Signature, Cancel)).IsValid);
        Assert.False(await VerifyRemotelyAsync(vault, key.Id, algorithm, Data, signed.Signature));
    }

    [Fact]
    public async Task Sign_WithoutVersion_UsesAndNamesTheCurrentOne()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        await client.CreateEcKeyAsync(new("k"), Cancel);
        KeyVaultKey second = await client.RotateKeyAsync("k", Cancel);
        var signed = await client.GetCryptographyClient("k").SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);

        Assert.Equal(second.Id.AbsoluteUri, signed.KeyId);
    }

    [Fact]
    public async Task Sign_OnADisabledVersion_IsForbiddenWhileVerifyAndGetSucceed()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey key = await client.CreateEcKeyAsync(new("k"), Cancel);
        var signed = await client.GetCryptographyClient("k").SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);
        key.Properties.Enabled = false;
        await client.UpdateKeyPropertiesAsync(key.Properties, cancellationToken: Cancel);

        await VaultAssert.ForbiddenAsync(
            "KeyDisabled", () => client.GetCryptographyClient("k").SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel));
        Assert.True(await VerifyRemotelyAsync(vault, key.Id, "ES256", Data, signed.Signature));
        KeyVaultKey read = await client.GetKeyAsync("k", cancellationToken: Cancel);
        Assert.False(read.Properties.Enabled);

        key.Properties.Enabled = true;
        await client.UpdateKeyPropertiesAsync(key.Properties, cancellationToken: Cancel);
        await client.GetCryptographyClient("k").SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);
    }

    [Fact]
    public async Task Sign_OutsideTheKeysTime_IsForbiddenWhileVerifyAndGetSucceed()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        var now = vault.Time.GetUtcNow();
        KeyVaultKey key = await client.CreateEcKeyAsync(new("k") { NotBefore = now.AddMinutes(1), ExpiresOn = now.AddMinutes(2) }, Cancel);
        var cryptography = client.GetCryptographyClient("k");
        await VaultAssert.ForbiddenAsync("KeyNotYetValid", () => cryptography.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel));

        vault.Time.Advance(TimeSpan.FromMinutes(1));
        var signed = await cryptography.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);

        vault.Time.Advance(TimeSpan.FromSeconds(59));
        await cryptography.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        await VaultAssert.ForbiddenAsync("KeyExpired", () => cryptography.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel));
        Assert.True(await VerifyRemotelyAsync(vault, key.Id, "ES256", Data, signed.Signature));
        await client.GetKeyAsync("k", cancellationToken: Cancel);
    }

    [Fact]
    public async Task SignAndVerify_ThatKeyOpsDoNotName_AreForbidden()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        await client.CreateEcKeyAsync(new("verify-only") { KeyOperations = { KeyOperation.Verify } }, Cancel);
        await client.CreateEcKeyAsync(new("sign-only") { KeyOperations = { KeyOperation.Sign } }, Cancel);

        await VaultAssert.ForbiddenAsync(
            "KeyOperationForbidden",
            () => client.GetCryptographyClient("verify-only").SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel));
        var signOnly = client.GetCryptographyClient("sign-only");
        var signed = await signOnly.SignDataAsync(SignatureAlgorithm.ES256, Data, Cancel);
        await VaultAssert.ForbiddenAsync(
            "KeyOperationForbidden", () => signOnly.VerifyDataAsync(SignatureAlgorithm.ES256, Data, signed.Signature, Cancel));
    }

    [Theory]
    [InlineData("P-256", "ES384", 48)]
    [InlineData("P-384", "ES256", 32)]
    [InlineData("P-521", "ES256", 32)]
    [InlineData("P-256", "RS256", 32)]
    [InlineData("P-256", "PS256", 32)]
    [InlineData("P-256", "none", 32)]
    [InlineData("P-256", "es256", 32)]
    [InlineData("P-256", "HS256", 32)]
    [InlineData("RSA", "ES256", 32)]
    [InlineData("P-256", "ES256", 31)]
    [InlineData("P-256", "ES256", 33)]
    [InlineData("P-256", "ES256", 0)]
    [InlineData("RSA", "RS256", 20)]
    [InlineData("RSA", "PS512", 32)]
    public async Task Sign_ThatDoesNotFitTheKey_IsBadParameter(string key, string algorithm, int digestBytes)
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        if (key == "RSA") await client.CreateRsaKeyAsync(new("k"), Cancel);
        else await client.CreateEcKeyAsync(new("k") { CurveName = key }, Cancel);

        await VaultAssert.RefusedAsync(
            400, "BadParameter", () => client.GetCryptographyClient("k").SignAsync(algorithm, new byte[digestBytes], Cancel));
    }

    [Fact]
    public async Task Verify_WithASignatureOfAnyLength_IsFalseAndNoError()
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey ec = await vault.Client().CreateEcKeyAsync(new("ec"), Cancel);
        KeyVaultKey rsa = await vault.Client().CreateRsaKeyAsync(new("rsa"), Cancel);
        foreach (var length in (int[])[0, 1, 63, 65, 70, 128, 255, 257, 512])
        {
            Assert.False(await VerifyRemotelyAsync(vault, ec.Id, "ES256", Data, new byte[length]));
            Assert.False(await VerifyRemotelyAsync(vault, rsa.Id, "PS256", Data, new byte[length]));
        }
    }

    [Fact]
    public async Task Sign_FromManyAtOnce_AllVerify()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey key = await client.CreateEcKeyAsync(new("k"), Cancel);
        var cryptography = client.GetCryptographyClient("k");
        var signed = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => cryptography.SignDataAsync(SignatureAlgorithm.ES256, BitConverter.GetBytes(i), Cancel)));

        for (var i = 0; i < signed.Length; i++) Assert.True(VerifyByHand(key.Key, "ES256", BitConverter.GetBytes(i), signed[i].Signature));
    }

    [Fact]
    public async Task Changes_FromManyAtOnce_AreAllThere()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        await client.CreateEcKeyAsync(new("k"), Cancel);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0
            ? client.RotateKeyAsync("k", Cancel)
            : client.UpdateKeyPropertiesAsync(
                new("k") { Tags = { ["last"] = i.ToString(System.Globalization.CultureInfo.InvariantCulture) } },
                cancellationToken: Cancel)));

        var versions = new List<KeyProperties>();
        await foreach (var version in client.GetPropertiesOfKeyVersionsAsync("k", Cancel)) versions.Add(version);
        Assert.Equal(21, versions.Select(version => version.Version).Distinct().Count());
    }

    private static string CurveFor(string algorithm) => algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" };

    private static bool VerifyByHand(JsonWebKey key, string algorithm, byte[] data, byte[] signature)
    {
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        if (algorithm[0] == 'E')
        {
            using var ecdsa = key.ToECDsa();
            return ecdsa.VerifyData(data, signature, hash);
        }

        using var rsa = key.ToRSA();
        return rsa.VerifyData(data, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    // The client would verify here, with the key it fetched: the vault's own verify is asked by hand.
    private static async Task<bool> VerifyRemotelyAsync(VaultFixture vault, Uri keyId, string algorithm, byte[] data, byte[] signature)
    {
        var digest = CryptographicOperations.HashData(new HashAlgorithmName("SHA" + algorithm[2..]), data);
        using var reply = await vault.PostAsync($"{keyId.AbsolutePath}/verify", new
        {
            alg = algorithm,
            digest = System.Buffers.Text.Base64Url.EncodeToString(digest),
            value = System.Buffers.Text.Base64Url.EncodeToString(signature),
        });
        Assert.Equal(200, reply.Status);
        return reply.Json.RootElement.GetProperty("value").GetBoolean();
    }
}
