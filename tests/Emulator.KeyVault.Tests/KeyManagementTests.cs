using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Emulator.KeyVault.Tests;

public sealed class KeyManagementTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("P-256", 32)]
    [InlineData("P-384", 48)]
    [InlineData("P-521", 66)]
    public async Task CreateEcKey_OnEachCurve_AnswersItsPublicHalfOnly(string curve, int fieldBytes)
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey key = await vault.Client().CreateEcKeyAsync(new("mediator-qatar") { CurveName = curve }, Cancel);

        Assert.Equal(KeyType.Ec, key.KeyType);
        Assert.Equal(curve, key.Key.CurveName.ToString());
        Assert.Equal(fieldBytes, key.Key.X.Length);
        Assert.Equal(fieldBytes, key.Key.Y.Length);
        Assert.Null(key.Key.D);
        Assert.Equal([KeyOperation.Sign, KeyOperation.Verify], key.KeyOperations);
        Assert.Equal("mediator-qatar", key.Name);
        Assert.Matches("^[0-9a-f]{32}$", key.Properties.Version);
        Assert.Equal(new Uri(vault.Emulator.VaultUri, $"keys/mediator-qatar/{key.Properties.Version}"), key.Id);
        Assert.True(key.Properties.Enabled);
        Assert.Equal(vault.Time.GetUtcNow(), key.Properties.CreatedOn);
        Assert.Equal(vault.Time.GetUtcNow(), key.Properties.UpdatedOn);
        Assert.Null(key.Properties.NotBefore);
        Assert.Null(key.Properties.ExpiresOn);
        Assert.Equal("Recoverable+Purgeable", key.Properties.RecoveryLevel);
        Assert.Equal(90, key.Properties.RecoverableDays);
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    public async Task CreateRsaKey_OfEachSize_AnswersItsPublicHalfOnly(int bits)
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey key = await vault.Client().CreateRsaKeyAsync(new("r") { KeySize = bits }, Cancel);

        Assert.Equal(KeyType.Rsa, key.KeyType);
        Assert.Equal(bits / 8, key.Key.N.Length);
        Assert.Equal([1, 0, 1], key.Key.E);
        Assert.Null(key.Key.D);
        Assert.Null(key.Key.P);
    }

    [Fact]
    public async Task CreateKey_WithoutCurveOrSize_TakesTheServicesDefaults()
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey ec = await vault.Client().CreateKeyAsync("e", KeyType.Ec, cancellationToken: Cancel);
        KeyVaultKey rsa = await vault.Client().CreateKeyAsync("r", KeyType.Rsa, cancellationToken: Cancel);

        Assert.Equal(KeyCurveName.P256, ec.Key.CurveName);
        Assert.Equal(256, rsa.Key.N.Length);
    }

    [Fact]
    public async Task CreateKey_WithOptions_KeepsThem()
    {
        await using var vault = await VaultFixture.StartAsync();
        var now = vault.Time.GetUtcNow();
        var options = new CreateEcKeyOptions("m")
        {
            Enabled = false,
            NotBefore = now.AddHours(1),
            ExpiresOn = now.AddHours(2),
            KeyOperations = { KeyOperation.Verify },
            Tags = { ["role"] = "mediator", ["weight"] = "2" },
        };
        await vault.Client().CreateEcKeyAsync(options, Cancel);
        KeyVaultKey read = await vault.Client().GetKeyAsync("m", cancellationToken: Cancel);

        Assert.False(read.Properties.Enabled);
        Assert.Equal(now.AddHours(1), read.Properties.NotBefore);
        Assert.Equal(now.AddHours(2), read.Properties.ExpiresOn);
        Assert.Equal([KeyOperation.Verify], read.KeyOperations);
        Assert.Equal("mediator", read.Properties.Tags["role"]);
        Assert.Equal("2", read.Properties.Tags["weight"]);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2049)]
    [InlineData(16384)]
    public async Task CreateRsaKey_OfASizeThatIsNotOffered_IsBadParameter(int bits)
    {
        await using var vault = await VaultFixture.StartAsync();
        await VaultAssert.RefusedAsync(400, "BadParameter", () => vault.Client().CreateRsaKeyAsync(new("r") { KeySize = bits }, Cancel));
    }

    [Theory]
    [InlineData("EC-HSM")]
    [InlineData("RSA-HSM")]
    [InlineData("oct")]
    [InlineData("OKP")]
    public async Task CreateKey_OfATypeThatIsNotOffered_IsBadParameter(string type)
    {
        await using var vault = await VaultFixture.StartAsync();
        await VaultAssert.RefusedAsync(400, "BadParameter", () => vault.Client().CreateKeyAsync("k", type, cancellationToken: Cancel));
    }

    [Fact]
    public async Task GetKey_ThatIsNotThere_IsKeyNotFound()
    {
        await using var vault = await VaultFixture.StartAsync();
        await vault.Client().CreateEcKeyAsync(new("there"), Cancel);

        await VaultAssert.RefusedAsync(404, "KeyNotFound", () => vault.Client().GetKeyAsync("absent", cancellationToken: Cancel));
        await VaultAssert.RefusedAsync(404, "KeyNotFound", () => vault.Client().GetKeyAsync("there", new string('0', 32), Cancel));
    }

    [Fact]
    public async Task GetKey_ByAnotherCase_IsTheSameKey()
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey made = await vault.Client().CreateEcKeyAsync(new("Mediator"), Cancel);
        KeyVaultKey read = await vault.Client().GetKeyAsync("mediator", cancellationToken: Cancel);

        Assert.Equal(made.Id, read.Id);
    }

    [Fact]
    public async Task RotateKey_Always_MakesANewCurrentVersionAndKeepsTheOld()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey first = await client.CreateEcKeyAsync(new("m") { CurveName = KeyCurveName.P384, Tags = { ["a"] = "b" } }, Cancel);
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        KeyVaultKey second = await client.RotateKeyAsync("m", Cancel);

        Assert.NotEqual(first.Properties.Version, second.Properties.Version);
        Assert.NotEqual(first.Key.X, second.Key.X);
        Assert.Equal(KeyCurveName.P384, second.Key.CurveName);
        Assert.Equal("b", second.Properties.Tags["a"]);
        Assert.Equal(vault.Time.GetUtcNow(), second.Properties.CreatedOn);
        KeyVaultKey current = await client.GetKeyAsync("m", cancellationToken: Cancel);
        KeyVaultKey old = await client.GetKeyAsync("m", first.Properties.Version, Cancel);
        Assert.Equal(second.Id, current.Id);
        Assert.Equal(first.Key.X, old.Key.X);
        await VaultAssert.RefusedAsync(404, "KeyNotFound", () => client.RotateKeyAsync("absent", Cancel));
    }

    [Fact]
    public async Task CreateKey_WhereTheNameIsTaken_MakesANewVersion()
    {
        await using var vault = await VaultFixture.StartAsync();
        KeyVaultKey first = await vault.Client().CreateEcKeyAsync(new("m"), Cancel);
        KeyVaultKey second = await vault.Client().CreateRsaKeyAsync(new("m"), Cancel);
        KeyVaultKey current = await vault.Client().GetKeyAsync("m", cancellationToken: Cancel);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(KeyType.Rsa, current.KeyType);
    }

    [Fact]
    public async Task UpdateKeyProperties_OfOneVersion_ChangesThatVersionAlone()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey first = await client.CreateEcKeyAsync(new("m") { Tags = { ["kept"] = "yes" } }, Cancel);
        KeyVaultKey second = await client.RotateKeyAsync("m", Cancel);
        vault.Time.Advance(TimeSpan.FromSeconds(5));
        var exp = vault.Time.GetUtcNow().AddDays(1);

        var change = new KeyProperties(first.Id) { Enabled = false, ExpiresOn = exp };
        KeyVaultKey changed = await client.UpdateKeyPropertiesAsync(change, cancellationToken: Cancel);

        Assert.Equal(first.Id, changed.Id);
        Assert.False(changed.Properties.Enabled);
        Assert.Equal(exp, changed.Properties.ExpiresOn);
        Assert.Equal("yes", changed.Properties.Tags["kept"]);
        Assert.Equal(first.KeyOperations, changed.KeyOperations);
        Assert.Equal(vault.Time.GetUtcNow(), changed.Properties.UpdatedOn);
        Assert.Equal(first.Properties.CreatedOn, changed.Properties.CreatedOn);
        KeyVaultKey other = await client.GetKeyAsync("m", second.Properties.Version, Cancel);
        Assert.True(other.Properties.Enabled);
    }

    [Fact]
    public async Task UpdateKeyProperties_WithoutVersion_ChangesTheCurrentOne()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey first = await client.CreateEcKeyAsync(new("m"), Cancel);
        KeyVaultKey second = await client.RotateKeyAsync("m", Cancel);
        KeyVaultKey changed = await client.UpdateKeyPropertiesAsync(new("m") { Enabled = false }, [KeyOperation.Verify], Cancel);

        Assert.Equal(second.Id, changed.Id);
        Assert.Equal([KeyOperation.Verify], changed.KeyOperations);
        KeyVaultKey old = await client.GetKeyAsync("m", first.Properties.Version, Cancel);
        Assert.True(old.Properties.Enabled);
    }

    [Fact]
    public async Task UpdateKeyProperties_ThatEndsBeforeItBegins_IsBadParameterAndChangesNothing()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        KeyVaultKey key = await client.CreateEcKeyAsync(new("m"), Cancel);
        var now = vault.Time.GetUtcNow();
        var change = new KeyProperties(key.Id) { NotBefore = now.AddDays(2), ExpiresOn = now.AddDays(1) };
        await VaultAssert.RefusedAsync(400, "BadParameter", () => client.UpdateKeyPropertiesAsync(change, cancellationToken: Cancel));

        KeyVaultKey read = await client.GetKeyAsync("m", cancellationToken: Cancel);
        Assert.Null(read.Properties.ExpiresOn);
        await VaultAssert.RefusedAsync(
            404, "KeyNotFound", () => client.UpdateKeyPropertiesAsync(new("absent") { Enabled = true }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task GetPropertiesOfKeys_OverSeveralPages_NamesEachKeyOnceInOrder()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        var names = Enumerable.Range(0, 60).Select(i => $"key-{i:000}").ToArray();
        foreach (var name in names.Reverse()) await client.CreateEcKeyAsync(new(name), Cancel);

        var listed = new List<KeyProperties>();
        await foreach (var item in client.GetPropertiesOfKeysAsync(Cancel)) listed.Add(item);
        var pages = 0;
        await foreach (var page in client.GetPropertiesOfKeysAsync(Cancel).AsPages(pageSizeHint: 7))
        {
            Assert.InRange(page.Values.Count, 1, 7);
            pages++;
        }

        Assert.Equal(names, listed.Select(item => item.Name));
        Assert.All(listed, item => Assert.Null(item.Version));
        Assert.All(listed, item => Assert.True(item.Enabled));
        Assert.Equal(9, pages);
    }

    [Fact]
    public async Task GetPropertiesOfKeyVersions_OverSeveralPages_NamesEachVersionOnce()
    {
        await using var vault = await VaultFixture.StartAsync();
        var client = vault.Client();
        var made = new HashSet<string>();
        KeyVaultKey key = await client.CreateEcKeyAsync(new("m"), Cancel);
        made.Add(key.Properties.Version);
        for (var i = 0; i < 55; i++)
        {
            key = await client.RotateKeyAsync("m", Cancel);
            made.Add(key.Properties.Version);
        }

        var listed = new List<string>();
        await foreach (var item in client.GetPropertiesOfKeyVersionsAsync("m", Cancel)) listed.Add(item.Version);

        Assert.Equal(56, listed.Count);
        Assert.Equal(made, listed.ToHashSet());
        await VaultAssert.RefusedAsync(404, "KeyNotFound", async () =>
        {
            await foreach (var item in client.GetPropertiesOfKeyVersionsAsync("absent", Cancel)) Assert.Fail(item.Version);
        });
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task ImportKey_OfAnEcPair_SignsForThatPair(string algorithm)
    {
        await using var vault = await VaultFixture.StartAsync();
        var (curve, hash) = algorithm switch
        {
            "ES256" => (ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256),
            "ES384" => (ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
            _ => (ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512),
        };
        using var pair = ECDsa.Create(curve);
        KeyVaultKey key = await vault.Client().ImportKeyAsync("imported", new JsonWebKey(pair, includePrivateParameters: true), Cancel);
        var signed = await vault.Client().GetCryptographyClient("imported").SignDataAsync(algorithm, "hello"u8.ToArray(), Cancel);

        Assert.Equal(pair.ExportParameters(false).Q.X, key.Key.X);
        Assert.Null(key.Key.D);
        Assert.Equal(key.Id.AbsoluteUri, signed.KeyId);
        Assert.True(pair.VerifyData("hello"u8, signed.Signature, hash));
    }

    [Fact]
    public async Task ImportKey_OfTheKeyOfRfc7515_HasItsPointAndSignsForIt()
    {
        // RFC 7515 appendix A.3.1.
        const string Key = """
            {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
            """;
        await using var vault = await VaultFixture.StartAsync();
        var material = System.Text.Json.JsonSerializer.Deserialize<JsonWebKey>(Key)!;
        KeyVaultKey imported = await vault.Client().ImportKeyAsync("rfc7515", material, Cancel);
        var signed = await vault.Client().GetCryptographyClient("rfc7515").SignDataAsync(SignatureAlgorithm.ES256, "x"u8.ToArray(), Cancel);

        using var known = material.ToECDsa();
        Assert.Equal(material.X, imported.Key.X);
        Assert.True(known.VerifyData("x"u8, signed.Signature, HashAlgorithmName.SHA256));
    }

    [Fact]
    public async Task ImportKey_OfAnRsaPair_SignsForThatPair()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var pair = RSA.Create(2048);
        var properties = new ImportKeyOptions("imported", new JsonWebKey(pair, includePrivateParameters: true))
        {
            Properties = { Enabled = true, Tags = { ["from"] = "outside" } },
        };
        KeyVaultKey key = await vault.Client().ImportKeyAsync(properties, Cancel);
        var signed = await vault.Client()
            .GetCryptographyClient("imported")
            .SignDataAsync(SignatureAlgorithm.PS256, "hello"u8.ToArray(), Cancel);

        Assert.Equal("outside", key.Properties.Tags["from"]);
        Assert.True(pair.VerifyData("hello"u8, signed.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Fact]
    public async Task ImportKey_WhosePartsDoNotBelongTogether_IsBadParameter()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var two = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var mixed = new JsonWebKey(one, includePrivateParameters: true) { D = two.ExportParameters(true).D! };
        var offCurve = new JsonWebKey(one, includePrivateParameters: true) { Y = new byte[32] };
        var publicOnly = new JsonWebKey(one);
        using var rsa = RSA.Create(2048);
        var mixedRsa = new JsonWebKey(rsa, includePrivateParameters: true);
        mixedRsa.D[100] ^= 1;
        mixedRsa.DP[100] ^= 1;
        mixedRsa.DQ[100] ^= 1;

        foreach (var bad in (JsonWebKey[])[mixed, offCurve, publicOnly, mixedRsa])
        {
            await VaultAssert.RefusedAsync(400, "BadParameter", () => vault.Client().ImportKeyAsync("k", bad, Cancel));
        }

        await VaultAssert.RefusedAsync(404, "KeyNotFound", () => vault.Client().GetKeyAsync("k", cancellationToken: Cancel));
    }
}
