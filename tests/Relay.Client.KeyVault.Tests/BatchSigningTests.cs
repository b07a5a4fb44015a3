using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.KeyVault.Tests;

/// <summary>A vault signs a hash: of a batch, the hash of its root.</summary>
public sealed class BatchSigningTests : IDisposable
{
    private const string Version = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private const string KeyId = $"https://kv.vault.azure.net/keys/mediator-qatar/{Version}";

    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _ec.Dispose();

    [Fact]
    public async Task SignAsync_ThousandHeads_IsTwoCallsOfTheVault()
    {
        var vault = new CountingCryptography(_ec);
        var signer = new KeyVaultEnvelopeSigner(vault, Key());
        var time = new ManualTimeProvider();
        var heads = Enumerable.Range(1, 1000).Select(Head).ToList();
        await using var batches = new BatchSigner(signer, new(), time);
        var signing = heads.ConvertAll(head => batches.SignAsync(head, TestContext.Current.CancellationToken));
        time.Advance(BatchSigningOptions.LongestWait);
        var signed = await TestDeadline.Within(Task.WhenAll(signing));

        Assert.Equal(["ES256 32", "ES256 32"], vault.Calls);
        Assert.True(VerificationKey.TryCreate(_ec.ExportParameters(false), out var key, out var error), error);
        using (key)
        {
            Assert.All(signed, one => Assert.Equal(SignatureFault.None, Assert.Single(one.Signatures).Verify(key)));
        }
    }

    private static EnvelopeHead Head(int sequence) => SealedEnvelope.Create(new EnvelopeDraft
    {
        Id = new EnvelopeId("doha-2026", "us", Lane.Normal, sequence),
        Audience = ["iran"],
        Previous = sequence == 1 ? null : Relay.Protocol.Text.Digest.Of([1]),
        IssuedAt = DateTimeOffset.UnixEpoch.AddYears(56),
        ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(56).AddHours(1),
        Content = "{}"u8.ToArray(),
    }).Head;

    private KeyVaultKey Key()
    {
        var jwk = new JsonWebKey(_ec) { Id = KeyId };
        var properties = KeyModelFactory.KeyProperties(new Uri(KeyId), new Uri("https://kv.vault.azure.net/"), "mediator-qatar", Version);
        return KeyModelFactory.KeyVaultKey(properties, jwk);
    }

    private sealed class CountingCryptography(ECDsa key) : CryptographyClient
    {
        public List<string> Calls { get; } = [];

        public override Task<SignResult> SignAsync(
            SignatureAlgorithm algorithm, byte[] digest, CancellationToken cancellationToken = default)
        {
            lock (Calls)
            {
                Calls.Add($"{algorithm} {digest.Length}");
                return Task.FromResult(CryptographyModelFactory.SignResult(KeyId, key.SignHash(digest), algorithm));
            }
        }
    }
}
