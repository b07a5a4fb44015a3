using System.Security.Cryptography;
using Azure;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Azure.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Azure.Tests.Keys;

public sealed class CheckpointCertifierTests : IAsyncDisposable
{
    private const string First = "0123456789abcdef0123456789abcdef";
    private const string Second = "fedcba9876543210fedcba9876543210";
    private const string Prefix = "relay.example/";

    private readonly ManualTimeProvider _time = new();
    private readonly FakeVault _vault = new();
    private readonly CheckpointCertifier _certifier;
    private readonly PrivateJwk _checkpointKey = PrivateJwk.Generate(JwkKind.P256, "checkpoint");

    public CheckpointCertifierTests() =>
        _certifier = new CheckpointCertifier(
            _vault,
            key => new FakeSigner(_vault, key),
            Options.Create(new CheckpointKeyOptions()),
            _time,
            NullLogger<CheckpointCertifier>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _certifier.DisposeAsync();
        _checkpointKey.Dispose();
        _vault.Dispose();
    }

    [Fact]
    public async Task CertifyAsync_NewestVersion_SignsWhatItsPublicKeyVerifies()
    {
        _vault.Add(First, ECCurve.NamedCurves.nistP256);
        _vault.Add(Second, ECCurve.NamedCurves.nistP256);

        var certificate = await CertifyAsync();

        Assert.NotNull(certificate);
        Assert.Equal((Prefix, FakeVault.Id(Second)), (certificate.OriginPrefix, certificate.SignedBy.Text));
        Assert.Equal(_time.GetUtcNow().ToUnixTimeSeconds(), certificate.NotBefore.ToUnixTimeSeconds());
        Assert.Equal(TimeSpan.FromHours(1), certificate.ExpiresAt - certificate.NotBefore);
        var lookup = await _certifier.FindAsync(certificate.SignedBy, Cancel);
        Assert.Equal(KeyStatus.Usable, lookup.Status);
        Assert.Equal(SignatureFault.None, certificate.Verify(lookup.Key!));
        Assert.NotEqual(SignatureFault.None, certificate.Verify((await FindAsync(FakeVault.Id(First))).Key!));
    }

    [Fact]
    public async Task CertifyAsync_VaultDownOrKeyOfAnotherCurve_GivesNoneAndThenGoesOn()
    {
        _vault.IsDown = true;
        Assert.Null(await CertifyAsync());
        _vault.IsDown = false;
        Assert.Null(await CertifyAsync());
        _vault.Add(First, ECCurve.NamedCurves.nistP384);
        Assert.Null(await CertifyAsync());
        _vault.Add(Second, ECCurve.NamedCurves.nistP256);
        Assert.NotNull(await CertifyAsync());
    }

    [Theory]
    [InlineData("https://kv.vault.azure.net/keys/mediator-qatar/" + First)]
    [InlineData("https://other.vault.azure.net/keys/relay-checkpoint/" + First)]
    public async Task FindAsync_AnyOtherKey_IsUnknownWithoutACall(string id)
    {
        Assert.Equal(KeyStatus.Unknown, (await FindAsync(id)).Status);
        Assert.Equal(0, _vault.Gets);
    }

    [Fact]
    public async Task FindAsync_AnyVersion_IsReadOnceADisabledOneToo()
    {
        _vault.Add(First, ECCurve.NamedCurves.nistP256).Properties.Enabled = false;
        for (var i = 0; i < 3; i++) Assert.NotNull((await FindAsync(FakeVault.Id(First))).Key);
        Assert.Equal(1, _vault.Gets);
    }

    [Fact]
    public async Task FindAsync_VersionMissingOrVaultDown_IsTold()
    {
        Assert.Equal(KeyStatus.Unknown, (await FindAsync(FakeVault.Id(First))).Status);
        _vault.IsDown = true;
        Assert.Equal(KeyStatus.Unavailable, (await FindAsync(FakeVault.Id(Second))).Status);
    }

    private ValueTask<CheckpointKeyCertificate?> CertifyAsync()
    {
        Assert.True(PublicJwk.TryCreate(_checkpointKey.Public.ToECParameters(), null, out var key, out var error), error);
        return _certifier.CertifyAsync(Prefix, key, _time.GetUtcNow(), _time.GetUtcNow().AddHours(1), Cancel);
    }

    private ValueTask<KeyLookup> FindAsync(string id)
    {
        Assert.True(KeyIdentifier.TryParse(id, out var key));
        return _certifier.FindAsync(key, Cancel);
    }

    /// <summary>A vault with versions of one key, the one added last being the newest.</summary>
    private sealed class FakeVault : KeyClient, IDisposable
    {
        private readonly Dictionary<string, (KeyVaultKey Key, ECDsa Private)> _versions = new(StringComparer.Ordinal);
        private string? _newest;

        public bool IsDown { get; set; }

        public int Gets { get; private set; }

        public override Uri VaultUri { get; } = new("https://kv.vault.azure.net/");

        public static string Id(string version) => $"https://kv.vault.azure.net/keys/relay-checkpoint/{version}";

        public KeyVaultKey Add(string version, ECCurve curve)
        {
            var pair = ECDsa.Create(curve);
            var key = KeyModelFactory.KeyVaultKey(
                new KeyProperties(new Uri(Id(version))) { Enabled = true },
                new JsonWebKey(pair, keyOps: [KeyOperation.Sign, KeyOperation.Verify]));
            _versions[version] = (key, pair);
            _newest = version;
            return key;
        }

        public ECDsa PrivateOf(KeyVaultKey key) => _versions[key.Properties.Version].Private;

        public override Task<Response<KeyVaultKey>> GetKeyAsync(
            string name, string? version = null, CancellationToken cancellationToken = default)
        {
            Gets++;
            if (IsDown) throw new RequestFailedException(503, "down", "ServiceUnavailable", null);
            return _versions.TryGetValue(version ?? _newest ?? "", out var found) && name == "relay-checkpoint"
                ? Task.FromResult(Response.FromValue(found.Key, null!))
                : throw new RequestFailedException(404, "no such key", "KeyNotFound", null);
        }

        public void Dispose()
        {
            foreach (var (_, pair) in _versions.Values) pair.Dispose();
        }
    }

    private sealed class FakeSigner(FakeVault vault, KeyVaultKey key) : CryptographyClient
    {
        public override Task<SignResult> SignAsync(
            SignatureAlgorithm algorithm, byte[] digest, CancellationToken cancellationToken = default)
        {
            Assert.Equal(SignatureAlgorithm.ES256, algorithm);
            return Task.FromResult(
                CryptographyModelFactory.SignResult(key.Id.AbsoluteUri, vault.PrivateOf(key).SignHash(digest), algorithm));
        }
    }
}
