using System.Collections.Immutable;

namespace Emulator.KeyVault.Keys;

/// <summary>Attributes as a request gives them: null leaves what is there, or takes the default where nothing is.</summary>
internal sealed record KeyChange(
    bool? Enabled,
    long? NotBefore,
    long? Expires,
    ImmutableArray<string>? Operations,
    ImmutableSortedDictionary<string, string>? Tags)
{
    public KeyAttributes ApplyTo(KeyAttributes attributes) => new(
        Enabled ?? attributes.Enabled,
        NotBefore ?? attributes.NotBefore,
        Expires ?? attributes.Expires,
        Operations ?? attributes.Operations,
        Tags ?? attributes.Tags);
}
