using System.Net;
using System.Net.Sockets;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Relay.Testing;

namespace Emulator.KeyVault.Tests;

public sealed class PersistenceTests : IDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("relay-vault-test-").FullName, "state");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public async Task Restart_WithAStateFolder_KeepsKeysVersionsAttributesAndCertificate()
    {
        string thumbprint;
        KeyVaultKey disabled, current, rsa;
        SignResult signed;
        await using (var vault = await VaultFixture.StartAsync(_folder))
        {
            thumbprint = vault.Emulator.CertificateThumbprint;
            var client = vault.Client();
            KeyVaultKey first = await client.CreateEcKeyAsync(
                new("Mediator") { CurveName = KeyCurveName.P521, Tags = { ["a"] = "b" } }, Cancel);
            signed = await client.GetCryptographyClient("mediator").SignDataAsync(SignatureAlgorithm.ES512, "x"u8.ToArray(), Cancel);
            current = await client.RotateKeyAsync("mediator", Cancel);
            first.Properties.Enabled = false;
            first.Properties.ExpiresOn = vault.Time.GetUtcNow().AddDays(3);
            disabled = await client.UpdateKeyPropertiesAsync(first.Properties, cancellationToken: Cancel);
            rsa = await client.CreateRsaKeyAsync(new("rsa"), Cancel);
        }

        await using var again = await VaultFixture.StartAsync(_folder);
        var reader = again.Client();
        Assert.Equal(thumbprint, again.Emulator.CertificateThumbprint);
        KeyVaultKey old = await reader.GetKeyAsync("mediator", disabled.Properties.Version, Cancel);
        KeyVaultKey now = await reader.GetKeyAsync("mediator", cancellationToken: Cancel);
        KeyVaultKey other = await reader.GetKeyAsync("rsa", cancellationToken: Cancel);
        Assert.Equal(disabled.Key.X, old.Key.X);
        Assert.Equal("Mediator", old.Name);
        Assert.False(old.Properties.Enabled);
        Assert.Equal(disabled.Properties.ExpiresOn, old.Properties.ExpiresOn);
        Assert.Equal(disabled.Properties.CreatedOn, old.Properties.CreatedOn);
        Assert.Equal("b", old.Properties.Tags["a"]);
        Assert.Equal(current.Properties.Version, now.Properties.Version);
        Assert.Equal(rsa.Key.N, other.Key.N);
        Assert.True(
            (
                await new CryptographyClient(old.Key).VerifyDataAsync(
                    SignatureAlgorithm.ES512, "x"u8.ToArray(), signed.Signature, Cancel)).IsValid);
        var later = await reader.GetCryptographyClient("mediator").SignDataAsync(SignatureAlgorithm.ES512, "y"u8.ToArray(), Cancel);
        Assert.True(
            (
                await new CryptographyClient(current.Key).VerifyDataAsync(
                    SignatureAlgorithm.ES512, "y"u8.ToArray(), later.Signature, Cancel)).IsValid);
    }

    [Fact]
    public async Task StateFolder_Always_IsReadableByItsOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        await using var vault = await VaultFixture.StartAsync(_folder);
        await vault.Client().CreateEcKeyAsync(new("k"), Cancel);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
        foreach (var file in (string[])["server.pem", "keys/k.json", "lock"])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, file)));
        }

        Assert.DoesNotContain("PRIVATE", await File.ReadAllTextAsync(vault.Emulator.CertificatePath, Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public async Task Start_WithATornKeyFile_FailsAndNamesIt(double kept)
    {
        await MakeKeyAsync();
        var path = Path.Combine(_folder, "keys", "k.json");
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        await File.WriteAllBytesAsync(path, bytes[..(int)(bytes.Length * kept)], Cancel);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => VaultFixture.StartAsync(_folder));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Equal((int)(bytes.Length * kept), new FileInfo(path).Length);
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        await using var restored = await VaultFixture.StartAsync(_folder);
        await restored.Client().GetKeyAsync("k", cancellationToken: Cancel);
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2")]
    [InlineData("\"name\":\"k\"", "\"name\":\"j\"")]
    [InlineData("\"pkcs8\":\"M", "\"pkcs8\":\"A")]
    [InlineData("\"pkcs8\":\"M", "\"pkcs8\":\"*")]
    [InlineData("\"enabled\":true", "\"enabeld\":true")]
    [InlineData("\"enabled\":true,", "")]
    [InlineData("\"keyType\":\"EC\"", "\"keyType\":\"RSA\"")]
    public async Task Start_WithAKeyFileThatIsNotWhatItSays_FailsAndNamesIt(string from, string to)
    {
        await MakeKeyAsync();
        var path = Path.Combine(_folder, "keys", "k.json");
        var text = await File.ReadAllTextAsync(path, Cancel);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal), Cancel);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => VaultFixture.StartAsync(_folder));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithATornCertificateFile_FailsAndNamesIt()
    {
        await MakeKeyAsync();
        var path = Path.Combine(_folder, "server.pem");
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length - 60)], Cancel);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => VaultFixture.StartAsync(_folder));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AfterAnUnfinishedWrite_KeepsTheOldFileAndClearsTheNew()
    {
        await MakeKeyAsync();
        var unfinished = Path.Combine(_folder, "keys", "k.json.tmp");
        await File.WriteAllTextAsync(unfinished, "{\"format\":1,\"na", Cancel);

        await using var vault = await VaultFixture.StartAsync(_folder);
        await vault.Client().GetKeyAsync("k", cancellationToken: Cancel);
        Assert.False(File.Exists(unfinished));
    }

    [Fact]
    public async Task Start_OnAFolderInUse_FailsAndSaysSo()
    {
        await using var vault = await VaultFixture.StartAsync(_folder);
        var exception = await Assert.ThrowsAsync<IOException>(() => VaultFixture.StartAsync(_folder));
        Assert.Contains(_folder, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhenTheCertificateIsAboutToExpire_MakesANewOne()
    {
        var time = new ManualTimeProvider();
        string first, second;
        await using (var vault = await VaultFixture.StartAsync(_folder, time)) first = vault.Emulator.CertificateThumbprint;
        time.Advance(TimeSpan.FromDays(825 - 31));
        await using (var vault = await VaultFixture.StartAsync(_folder, time)) second = vault.Emulator.CertificateThumbprint;
        time.Advance(TimeSpan.FromDays(2));
        await using var last = await VaultFixture.StartAsync(_folder, time);

        Assert.Equal(first, second);
        Assert.NotEqual(first, last.Emulator.CertificateThumbprint);
    }

    [Fact]
    public async Task Start_OnATakenPort_FailsAndFreesTheFolder()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await Assert.ThrowsAnyAsync<IOException>(() => VaultFixture.StartAsync(_folder, port: port));

        await using var vault = await VaultFixture.StartAsync(_folder);
        using var reply = await vault.SendAsync(HttpMethod.Get, "/keys");
        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task Start_OnAnAddressOthersCanReach_IsRefused()
    {
        var options = new KeyVaultEmulatorOptions { Address = IPAddress.Any };
        await Assert.ThrowsAsync<ArgumentException>(() => KeyVaultEmulator.StartAsync(options, Cancel));
    }

    [Fact]
    public async Task Dispose_WithoutStateFolder_LeavesNothingBehind()
    {
        string path;
        await using (var vault = await VaultFixture.StartAsync())
        {
            path = vault.Emulator.CertificatePath;
            Assert.True(File.Exists(path));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    private async Task MakeKeyAsync()
    {
        await using var vault = await VaultFixture.StartAsync(_folder);
        await vault.Client().CreateEcKeyAsync(new("k"), Cancel);
    }
}
