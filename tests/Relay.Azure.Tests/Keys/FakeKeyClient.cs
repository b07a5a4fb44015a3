using System.Security.Cryptography;
using Azure;
using Azure.Security.KeyVault.Keys;
using Relay.Protocol.Keys;

namespace Relay.Azure.Tests.Keys;

/// <summary>A vault with one key in memory; counts calls and can be down.</summary>
internal sealed class FakeKeyClient : KeyClient
{
    public const string Name = "mediator-qatar";

    private readonly Dictionary<string, KeyVaultKey> _versions = new(StringComparer.Ordinal);

    // Released by a test that wants calls to wait; completed unless set.
    public Task Gate { get; set; } = Task.CompletedTask;

    public bool IsDown { get; set; }

    public int Lists;

    public int Gets;

    public override Uri VaultUri { get; } = new("https://kv.vault.azure.net/");

    public KeyIdentifier Add(string version, Action<KeyProperties>? change = null, JsonWebKey? key = null)
    {
        var id = new Uri($"{VaultUri}keys/{Name}/{version}");
        var properties = new KeyProperties(id) { Enabled = true };
        change?.Invoke(properties);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _versions[version] = KeyModelFactory.KeyVaultKey(
            properties, key ?? new JsonWebKey(ecdsa, keyOps: [KeyOperation.Sign, KeyOperation.Verify]));
        return Id(version);
    }

    public static KeyIdentifier Id(string version)
    {
        Assert.True(KeyIdentifier.TryParse($"https://kv.vault.azure.net/keys/{Name}/{version}", out var identifier));
        return identifier;
    }

    public void Change(string version, Action<KeyProperties> change) => change(_versions[version].Properties);

    public void Remove(string version) => _versions.Remove(version);

    public override AsyncPageable<KeyProperties> GetPropertiesOfKeyVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Lists);
        return new Pages(this, cancellationToken);
    }

    public override async Task<Response<KeyVaultKey>> GetKeyAsync(
        string name, string? version = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Gets);
        await Gate.WaitAsync(cancellationToken);
        ThrowIfDown();
        return _versions.TryGetValue(version!, out var key)
            ? Response.FromValue(key, null!)
            : throw new RequestFailedException(404, "no such key", "KeyNotFound", null);
    }

    private void ThrowIfDown()
    {
        if (IsDown) throw new RequestFailedException(503, "down", "ServiceUnavailable", null);
    }

    private sealed class Pages(FakeKeyClient owner, CancellationToken cancellationToken) : AsyncPageable<KeyProperties>
    {
        public override async IAsyncEnumerable<Page<KeyProperties>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
        {
            await owner.Gate.WaitAsync(cancellationToken);
            owner.ThrowIfDown();
            if (owner._versions.Count == 0) throw new RequestFailedException(404, "no such key", "KeyNotFound", null);
            // A vault sends fresh objects each time, two to a page here.
            foreach (var page in owner._versions.Values.Select(key => Copy(key.Properties)).Chunk(2))
            {
                yield return Page<KeyProperties>.FromValues(page, null, null!);
            }
        }

        private static KeyProperties Copy(KeyProperties source) =>
            new(source.Id) { Enabled = source.Enabled, NotBefore = source.NotBefore, ExpiresOn = source.ExpiresOn };
    }
}
