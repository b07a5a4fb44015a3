using System.Collections.Immutable;

namespace Emulator.KeyVault.Keys;

/// <summary>One version of a key. Immutable: a change makes another of the same name and version.</summary>
/// <param name="Name">As it was first written; names are equal regardless of case.</param>
/// <param name="Version">32 lower-case hexadecimal digits.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="Updated">Unix seconds.</param>
internal sealed record KeyVersion(string Name, string Version, KeyMaterial Material, KeyAttributes Attributes, long Created, long Updated)
{
    public static KeyAttributes DefaultAttributes(KeyMaterial material) => new(
        Enabled: true,
        NotBefore: null,
        Expires: null,
        KeyOperationNames.For(material.KeyType),
        ImmutableSortedDictionary<string, string>.Empty);

    public override string ToString() => $"{Name}/{Version}";
}
