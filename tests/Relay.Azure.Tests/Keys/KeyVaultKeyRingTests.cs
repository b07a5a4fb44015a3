using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Azure.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Testing;

namespace Relay.Azure.Tests.Keys;

public sealed class KeyVaultKeyRingTests : IAsyncDisposable
{
    private const string V1 = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private const string V2 = "ffffffffffffffffffffffffffffffff";

    private readonly ManualTimeProvider _time = new();
    private readonly FakeKeyClient _vault = new();
    private readonly KeyVaultOptions _options = new();
    private readonly KeyVaultKeyRing _ring;

    public KeyVaultKeyRingTests() =>
        _ring = new KeyVaultKeyRing(_ => _vault, Options.Create(_options), _time, NullLogger<KeyVaultKeyRing>.Instance);

    public ValueTask DisposeAsync() => _ring.DisposeAsync();

    [Fact]
    public async Task FindAsync_SteadyState_CostsNoCall()
    {
        var key = _vault.Add(V1);
        var first = await FindAsync(key);
        Assert.Equal(KeyStatus.Usable, first.Status);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Same(first.Key, (await FindAsync(key)).Key);
        }

        Assert.Equal((1, 1), (_vault.Lists, _vault.Gets));
    }

    [Fact]
    public async Task FindAsync_AnySpellingOfAKey_IsThatKeyAndCostsNoFurtherCall()
    {
        var key = _vault.Add(V2);
        Assert.Equal(KeyStatus.Usable, (await FindAsync(key)).Status);
        foreach (var spelling in new[]
        {
            key.Text.Replace("/keys/m", "/keys/M", StringComparison.Ordinal),
            key.Text.Replace(V2, V2.ToUpperInvariant(), StringComparison.Ordinal),
        })
        {
            Assert.True(KeyIdentifier.TryParse(spelling, out var other));
            Assert.NotEqual(key.Text, other.Text);
            Assert.Equal(KeyStatus.Usable, (await FindAsync(other)).Status);
        }

        Assert.Equal((1, 1), (_vault.Lists, _vault.Gets));
    }

    [Fact]
    public async Task FindAsync_OverAnHour_CostsOneListPerHalfMaxAge()
    {
        var key = _vault.Add(V1);
        for (var second = 0; second < 3_600; second++)
        {
            Assert.Equal(KeyStatus.Usable, (await FindAsync(key)).Status);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((24, 1), (_vault.Lists, _vault.Gets));
    }

    [Fact]
    public async Task FindAsync_ManyCallersAtOnce_CostOneListAndOneGet()
    {
        var key = _vault.Add(V1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _vault.Gate = gate.Task;
        var callers = Enumerable.Range(0, 200).Select(_ => Task.Run(() => FindAsync(key).AsTask())).ToArray();
        await TestDeadline.Until(() => Volatile.Read(ref _vault.Lists) == 1, "the list");
        gate.SetResult();
        Assert.All(await TestDeadline.Within(Task.WhenAll(callers)), lookup => Assert.Equal(KeyStatus.Usable, lookup.Status));
        Assert.Equal((1, 1), (_vault.Lists, _vault.Gets));
    }

    [Fact]
    public async Task FindAsync_VersionDisabled_StopsVerifyingWithinMaxAge()
    {
        var key = _vault.Add(V1);
        await FindAsync(key);
        _vault.Change(V1, properties => properties.Enabled = false);
        _time.Advance(_options.KeyMaxAge);
        Assert.Equal(KeyStatus.Disabled, (await FindAsync(key)).Status);
    }

    [Fact]
    public async Task FindAsync_EnabledNotSaid_IsDisabled() =>
        Assert.Equal(KeyStatus.Disabled, (await FindAsync(_vault.Add(V1, properties => properties.Enabled = null))).Status);

    [Fact]
    public async Task FindAsync_NotBeforeAndExpiry_ApplyToTheMomentNotTheFetch()
    {
        var start = _time.GetUtcNow();
        var key = _vault.Add(V1, properties =>
        {
            properties.NotBefore = start + TimeSpan.FromSeconds(10);
            properties.ExpiresOn = start + TimeSpan.FromSeconds(20);
        });
        var seen = new List<KeyStatus>();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            seen.Add((await FindAsync(key)).Status);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal([KeyStatus.Disabled, KeyStatus.Disabled, KeyStatus.Usable, KeyStatus.Usable, KeyStatus.Disabled], seen);
        Assert.Equal(1, _vault.Lists);
    }

    [Fact]
    public async Task FindAsync_VaultDown_ServesUntilMaxAgeThenIsUnavailableAndRecovers()
    {
        var key = _vault.Add(V1);
        await FindAsync(key);
        _vault.IsDown = true;
        _time.Advance(_options.KeyMaxAge - TimeSpan.FromTicks(1));
        Assert.Equal(KeyStatus.Usable, (await FindAsync(key)).Status);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(KeyStatus.Unavailable, (await FindAsync(key)).Status);

        _vault.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(KeyStatus.Usable, (await FindAsync(key)).Status);
    }

    [Fact]
    public async Task FindAsync_VaultDownFromTheStart_IsNotHammered()
    {
        var key = _vault.Add(V1);
        _vault.IsDown = true;
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(KeyStatus.Unavailable, (await FindAsync(key)).Status);
        }

        Assert.Equal(1, _vault.Lists);
    }

    [Fact]
    public async Task FindAsync_NewVersion_IsFoundAtOnce()
    {
        await FindAsync(_vault.Add(V1));
        _time.Advance(_options.UnknownVersionInterval);
        Assert.Equal(KeyStatus.Usable, (await FindAsync(_vault.Add(V2))).Status);
    }

    [Fact]
    public async Task FindAsync_NewVersionRightAfterAListing_IsFoundOnTheNextTry()
    {
        await FindAsync(_vault.Add(V1));
        _time.Advance(TimeSpan.FromSeconds(1));
        var rotated = _vault.Add(V2);
        Assert.Equal(KeyStatus.Unavailable, (await FindAsync(rotated)).Status);
        _time.Advance(_options.UnknownVersionInterval);
        Assert.Equal(KeyStatus.Usable, (await FindAsync(rotated)).Status);
    }

    [Fact]
    public async Task FindAsync_MadeUpVersions_CostOneListPerIntervalAndNoGet()
    {
        await FindAsync(_vault.Add(V1));
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < 100; i++)
            {
                var status = (await FindAsync(FakeKeyClient.Id($"{second:d4}{i:d4}"))).Status;
                Assert.True(status is KeyStatus.Unknown or KeyStatus.Unavailable);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // One listing at the start and one each five seconds.
        Assert.InRange(_vault.Lists, 2, 13);
        Assert.Equal(1, _vault.Gets);
    }

    [Fact]
    public async Task FindAsync_KeyRotatedWhileVersionsAreMadeUp_IsNeverCalledUnknown()
    {
        await FindAsync(_vault.Add(V1));
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 1_000; i++) await FindAsync(FakeKeyClient.Id($"{i:d8}"));
        var rotated = _vault.Add(V2);
        Assert.Equal(KeyStatus.Unavailable, (await FindAsync(rotated)).Status);
        _time.Advance(_options.UnknownVersionInterval);
        Assert.Equal(KeyStatus.Usable, (await FindAsync(rotated)).Status);
    }

    [Fact]
    public async Task FindAsync_MadeUpVersionTriedAgain_IsUnknownAfterTheNextListing()
    {
        await FindAsync(_vault.Add(V1));
        _time.Advance(TimeSpan.FromSeconds(1));
        var madeUp = FakeKeyClient.Id(V2);
        Assert.Equal(KeyStatus.Unavailable, (await FindAsync(madeUp)).Status);
        _time.Advance(_options.UnknownVersionInterval);
        // Somebody else's question renews the list.
        Assert.Equal(KeyStatus.Unknown, (await FindAsync(FakeKeyClient.Id("abc"))).Status);
        Assert.Equal(KeyStatus.Unknown, (await FindAsync(madeUp)).Status);
    }

    [Fact]
    public async Task FindAsync_NoSuchKey_IsUnknown() => Assert.Equal(KeyStatus.Unknown, (await FindAsync(FakeKeyClient.Id(V1))).Status);

    [Fact]
    public async Task FindAsync_VersionDeletedBetweenListAndGet_IsUnknown()
    {
        var key = _vault.Add(V1);
        await FindAsync(_vault.Add(V2));
        _vault.Remove(V1);
        Assert.Equal(KeyStatus.Unknown, (await FindAsync(key)).Status);
    }

    [Fact]
    public void Read_EveryKindOfKey_VerifiesOrIsUnsuitable()
    {
        foreach (var (curve, usable) in new[] { ("nistP256", true), ("nistP384", true), ("nistP521", true), ("secp256k1", false) })
        {
            using var ecdsa = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
            JsonWebKey jwk;
            try
            {
                jwk = new JsonWebKey(ecdsa, keyOps: [KeyOperation.Verify]);
            }
            catch (NotSupportedException)
            {
                continue;
            }

            Assert.Equal(usable ? KeyStatus.Usable : KeyStatus.Unsuitable, KeyMaterial.Read(Key(jwk)).Lookup.Status);
        }

        foreach (var (bits, usable) in new[] { (2_048, true), (1_024, false) })
        {
            using var rsa = RSA.Create(bits);
            Assert.Equal(
                usable ? KeyStatus.Usable : KeyStatus.Unsuitable,
                KeyMaterial.Read(Key(new JsonWebKey(rsa, keyOps: [KeyOperation.Verify]))).Lookup.Status);
        }

        using var encryption = RSA.Create(2_048);
        Assert.Equal(KeyStatus.Unsuitable, KeyMaterial.Read(Key(new JsonWebKey(encryption, keyOps: [KeyOperation.WrapKey]))).Lookup.Status);
    }

    [Fact]
    public void Read_CoordinateWithoutItsLeadingZeros_IsTheSameKey()
    {
        while (true)
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var jwk = new JsonWebKey(ecdsa, keyOps: [KeyOperation.Verify]);
            if (jwk.X[0] != 0) continue;
            jwk.X = jwk.X[1..];
            var lookup = KeyMaterial.Read(Key(jwk)).Lookup;
            Assert.Equal(KeyStatus.Usable, lookup.Status);
            Assert.Equal(JwkKind.P256, lookup.Key!.Kind);
            return;
        }
    }

    private static KeyVaultKey Key(JsonWebKey jwk) =>
        KeyModelFactory.KeyVaultKey(new KeyProperties(new Uri($"https://kv.vault.azure.net/keys/k/{V1}")), jwk);

    private ValueTask<KeyLookup> FindAsync(KeyIdentifier key) => _ring.FindAsync(key, TestContext.Current.CancellationToken);
}
