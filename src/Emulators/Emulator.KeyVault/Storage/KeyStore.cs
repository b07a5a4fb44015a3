using System.Collections.Immutable;
using System.Security.Cryptography;
using Emulator.Hosting;
using Emulator.KeyVault.Keys;

namespace Emulator.KeyVault.Storage;

/// <summary>All keys of the vault. Reads never wait; a change is in the state folder before anyone can read it.</summary>
internal sealed class KeyStore : IDisposable
{
    private readonly StateFolder? _folder;
    private readonly TimeProvider _time;

    // One change at a time; held while the key's file is written.
    private readonly SemaphoreSlim _changing = new(1, 1);

    // Replaced whole under _changing. Names are equal regardless of case, as in the service.
    private volatile ImmutableSortedDictionary<string, VaultKey> _keys;

    private KeyStore(StateFolder? folder, TimeProvider time, ImmutableSortedDictionary<string, VaultKey> keys)
    {
        _folder = folder;
        _time = time;
        _keys = keys;
    }

    public int Count => _keys.Count;

    /// <param name="folder">Null keeps keys in memory only. The caller disposes it, after the store.</param>
    /// <param name="time">Clock of the attributes <c>created</c> and <c>updated</c>.</param>
    /// <exception cref="InvalidDataException">A key file cannot be read; the message names it.</exception>
    public static KeyStore Open(StateFolder? folder, TimeProvider time)
    {
        var keys = ImmutableSortedDictionary.CreateBuilder<string, VaultKey>(StringComparer.OrdinalIgnoreCase);
        if (folder is not null)
        {
            // Left by a process that ended while it wrote; what they should have become was never promised to anyone.
            foreach (var unfinished in Directory.EnumerateFiles(folder.Keys, "*" + OwnerFile.TemporaryExtension)) File.Delete(unfinished);
            foreach (var path in Directory.EnumerateFiles(folder.Keys, "*.json"))
            {
                OwnerFile.Protect(path);
                var key = KeyFile.Read(path);
                keys.Add(key.Name, key);
            }
        }

        return new(folder, time, keys.ToImmutable());
    }

    public VaultKey? Find(string name) => _keys.GetValueOrDefault(name);

    /// <summary>Keys in the order of their names.</summary>
    public IEnumerable<VaultKey> All() => _keys.Values;

    /// <summary>Adds a version, which is the current one from then on.</summary>
    public async Task<KeyVersion> AddAsync(string name, KeyMaterial material, KeyAttributes attributes, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var key = Find(name);
            var now = _time.GetUtcNow().ToUnixTimeSeconds();
            var version = new KeyVersion(key?.Name ?? name, NewVersion(), material, attributes, now, now);
            Replace(key is null ? new(name, [version]) : key with { Versions = key.Versions.Add(version) });
            return version;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Changes one version.</summary>
    /// <param name="name">Name of the key.</param>
    /// <param name="version">Null for the current one.</param>
    /// <param name="change">From the attributes that are there when the change is made to the new ones; null refuses.</param>
    /// <param name="cancellationToken">Ends the wait for other changes.</param>
    /// <returns>Null when there is no such version, or <paramref name="change"/> refused.</returns>
    public async Task<KeyVersion?> ChangeAsync(
        string name, string? version, Func<KeyVersion, KeyAttributes?> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(name) is not { } key || key.Find(version) is not { } old || change(old) is not { } attributes) return null;
            var changed = old with { Attributes = attributes, Updated = _time.GetUtcNow().ToUnixTimeSeconds() };
            Replace(key with { Versions = key.Versions.Replace(old, changed) });
            return changed;
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();

    private static string NewVersion() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private void Replace(VaultKey key)
    {
        if (_folder is not null) KeyFile.Write(_folder.Keys, key);
        _keys = _keys.SetItem(key.Name, key);
    }
}
