using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Relay.Client.Keys;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.KeyVault.Tests;

public sealed class VaultTests : IDisposable
{
    private const string Version = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private const string KeyId = $"https://kv.vault.azure.net/keys/mediator-qatar/{Version}";

    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ManualTimeProvider _time = new();
    private readonly FakeVault _vault;

    public VaultTests()
    {
        _vault = new FakeVault(() => Key(new JsonWebKey(_ec)));
    }

    public void Dispose()
    {
        _ec.Dispose();
        _rsa.Dispose();
    }

    [Fact]
    public async Task SignAsync_EcKey_SignsWithItsOwnAlgorithm()
    {
        var signer = new KeyVaultEnvelopeSigner(new FakeCryptography(_ec.SignHash), Key(new JsonWebKey(_ec)));
        var hash = SHA384.HashData([1]);
        var signature = await signer.SignAsync(hash, TestContext.Current.CancellationToken);
        Assert.Equal((JwsAlgorithm.ES384, KeyId), (signer.Algorithm, signer.KeyId));
        Assert.True(_ec.VerifyHash(hash, signature));
    }

    [Fact]
    public async Task CreateAsync_NewestVersion_IsFixed()
    {
        var signer = await KeyVaultEnvelopeSigner.CreateAsync(_vault, "mediator-qatar", TestContext.Current.CancellationToken);
        Assert.Equal(KeyId, signer.KeyId);
        Assert.Equal($"cryptography mediator-qatar/{Version}", _vault.Calls[^1]);
    }

    [Fact]
    public void KeyVaultEnvelopeSigner_RsaKey_TakesAPssAlgorithm()
    {
        var key = Key(new JsonWebKey(_rsa));
        Assert.Equal(JwsAlgorithm.PS512, new KeyVaultEnvelopeSigner(new FakeCryptography(h => h), key, JwsAlgorithm.PS512).Algorithm);
        Assert.Throws<ArgumentException>(() => new KeyVaultEnvelopeSigner(new FakeCryptography(h => h), key, JwsAlgorithm.ES256));
    }

    [Fact]
    public async Task FindAsync_WithinMaxAge_AsksOnce()
    {
        var keys = Keys();
        Assert.Equal(SignatureOutcome.Valid, (await FindAsync(keys)).Outcome);
        Assert.Equal(SignatureOutcome.Valid, (await FindAsync(keys)).Outcome);
        Assert.Equal([$"get mediator-qatar/{Version}"], _vault.Calls);
    }

    [Fact]
    public async Task FindAsync_KeyForOtherUses_VerifiesNothing()
    {
        _vault.Next = () => Key(new JsonWebKey(_rsa, keyOps: [KeyOperation.WrapKey]));
        Assert.Equal(new MediatorKey(SignatureOutcome.UnknownKeyVersion, null), await FindAsync(Keys()));
    }

    [Fact]
    public async Task FindAsync_DisabledLater_StopsWithinMaxAge()
    {
        var keys = Keys();
        await FindAsync(keys);
        _vault.Next = () => Key(new JsonWebKey(_ec), enabled: false);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(new MediatorKey(SignatureOutcome.KeyDisabled, null), await FindAsync(keys));
    }

    [Fact]
    public async Task FindAsync_OutOfDate_IsDisabledEvenFromTheCache()
    {
        _vault.Next = () => Key(new JsonWebKey(_ec), expires: _time.GetUtcNow().AddMinutes(1));
        var keys = Keys();
        Assert.Equal(SignatureOutcome.Valid, (await FindAsync(keys)).Outcome);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SignatureOutcome.KeyDisabled, (await FindAsync(keys)).Outcome);
    }

    // Expired and disabled take nothing from what was signed before; compromised does, from the time given.
    [Theory]
    [InlineData(null, SignatureOutcome.KeyCompromised)]
    [InlineData(-1, SignatureOutcome.Valid)]
    [InlineData(0, SignatureOutcome.KeyCompromised)]
    public async Task FindAsync_Compromised_IsGoodForWhatIsOlder(int? signedAfter, SignatureOutcome outcome)
    {
        var since = _time.GetUtcNow().AddDays(-1);
        _vault.Next = () =>
        {
            var key = Key(new JsonWebKey(_ec), enabled: false, expires: _time.GetUtcNow().AddHours(-1));
            key.Properties.Tags[KeyValidity.CompromisedTag] = $"{since.ToUnixTimeSeconds()}";
            return key;
        };
        Assert.True(KeyIdentifier.TryParse(KeyId, out var identifier));
        var whole = DateTimeOffset.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
        DateTimeOffset? signedAt = signedAfter is { } seconds ? whole.AddSeconds(seconds) : null;
        var found = await Keys().FindAsync(identifier, signedAt, TestContext.Current.CancellationToken);
        Assert.Equal((outcome, since.ToUnixTimeSeconds()), (found.Outcome, found.CompromisedSince?.ToUnixTimeSeconds()));
        Assert.Equal(outcome == SignatureOutcome.Valid, found.Key is not null);
    }

    [Theory]
    [InlineData(404, SignatureOutcome.UnknownKeyVersion)]
    [InlineData(403, SignatureOutcome.KeyUnavailable)]
    [InlineData(503, SignatureOutcome.KeyUnavailable)]
    public async Task FindAsync_VaultRefuses_FailsClosed(int status, SignatureOutcome outcome)
    {
        _vault.Next = () => throw new RequestFailedException(status, "no");
        Assert.Equal(new MediatorKey(outcome, null), await FindAsync(Keys()));
    }

    public static TheoryData<Exception> TransportFailures => new((IEnumerable<Exception>)
    [
        new HttpRequestException("refused"),
        new IOException("cut"),
        new System.Net.Sockets.SocketException(111),
        new TaskCanceledException("the client's own patience"),
        new Azure.Identity.AuthenticationFailedException("no token"),
        new RequestFailedException("nothing answered"),
        new AggregateException(new RequestFailedException("one"), new AggregateException(new HttpRequestException("another"))),
    ]);

    [Theory]
    [MemberData(nameof(TransportFailures))]
    public async Task FindAsync_VaultOutOfReach_IsNotNowAndNotRemembered(Exception failure)
    {
        var keys = Keys();
        _vault.Next = () => throw failure;
        Assert.Equal(new MediatorKey(SignatureOutcome.KeyUnavailable, null), await FindAsync(keys));
        _vault.Next = () => Key(new JsonWebKey(_ec));
        Assert.Equal(SignatureOutcome.Valid, (await FindAsync(keys)).Outcome);
    }

    [Fact]
    public async Task FindAsync_VaultNeverAnswers_IsNotNowAfterItsDeadline()
    {
        _vault.Silent = true;
        var looking = FindAsync(Keys());
        await TestDeadline.Until(() => _time.ArmedTimers > 0, "the deadline");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new MediatorKey(SignatureOutcome.KeyUnavailable, null), await TestDeadline.Within(looking));
    }

    [Fact]
    public async Task FindAsync_CallerGaveUp_IsACancellation()
    {
        using var stop = new CancellationTokenSource();
        _vault.Next = () => throw new OperationCanceledException(stop.Token);
        await stop.CancelAsync();
        Assert.True(KeyIdentifier.TryParse(KeyId, out var identifier));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Keys().FindAsync(identifier, null, stop.Token));
    }

    [Fact]
    public async Task FindAsync_EnabledIsNotSaid_IsNoPermission()
    {
        _vault.Next = () => Key(new JsonWebKey(_ec), enabled: null);
        Assert.Equal(new MediatorKey(SignatureOutcome.KeyDisabled, null), await FindAsync(Keys()));
    }

    private static KeyVaultKey Key(JsonWebKey jwk, bool? enabled = true, DateTimeOffset? expires = null)
    {
        jwk.Id = KeyId;
        var properties = KeyModelFactory.KeyProperties(new Uri(KeyId), new Uri("https://kv.vault.azure.net/"), "mediator-qatar", Version);
        properties.Enabled = enabled;
        properties.ExpiresOn = expires;
        return KeyModelFactory.KeyVaultKey(properties, jwk);
    }

    private static async Task<MediatorKey> FindAsync(KeyVaultMediatorKeys keys)
    {
        Assert.True(KeyIdentifier.TryParse(KeyId, out var identifier));
        return await keys.FindAsync(identifier, null, TestContext.Current.CancellationToken);
    }

    private KeyVaultMediatorKeys Keys() => new(_ => _vault, TimeSpan.FromMinutes(5), _time);

    private sealed class FakeVault(Func<KeyVaultKey> key) : KeyClient
    {
        public Func<KeyVaultKey> Next { get; set; } = key;

        public List<string> Calls { get; } = [];

        public bool Silent { get; set; }

        private static async Task<Response<KeyVaultKey>> NeverAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("It never answers.");
        }

        public override Task<Response<KeyVaultKey>> GetKeyAsync(
            string name, string? version = null, CancellationToken cancellationToken = default)
        {
            Calls.Add($"get {name}/{version}");
            if (Silent) return NeverAsync(cancellationToken);
            return Task.FromResult(Response.FromValue(Next(), null!));
        }

        public override CryptographyClient GetCryptographyClient(string keyName, string? keyVersion = null)
        {
            Calls.Add($"cryptography {keyName}/{keyVersion}");
            return new FakeCryptography(h => h);
        }
    }

    private sealed class FakeCryptography(Func<byte[], byte[]> sign) : CryptographyClient
    {
        public override Task<SignResult> SignAsync(
            SignatureAlgorithm algorithm, byte[] digest, CancellationToken cancellationToken = default) =>
            Task.FromResult(CryptographyModelFactory.SignResult(KeyId, sign(digest), algorithm));
    }
}
