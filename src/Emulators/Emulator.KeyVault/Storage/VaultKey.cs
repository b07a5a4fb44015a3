using System.Collections.Immutable;
using Emulator.KeyVault.Keys;

namespace Emulator.KeyVault.Storage;

/// <summary>A key with all its versions, oldest first; never without one.</summary>
internal sealed record VaultKey(string Name, ImmutableArray<KeyVersion> Versions)
{
    public KeyVersion Current => Versions[^1];

    /// <param name="version">Null for the current one.</param>
    public KeyVersion? Find(string? version) => version is null
        ? Current
        : Versions.FirstOrDefault(candidate => candidate.Version == version);
}
