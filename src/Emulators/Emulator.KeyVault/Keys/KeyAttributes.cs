using System.Collections.Immutable;

namespace Emulator.KeyVault.Keys;

/// <summary>What of a key version can be changed after it was made. Times are Unix seconds.</summary>
/// <param name="NotBefore">Not used to sign before this time; null for no bound.</param>
/// <param name="Expires">Not used to sign from this time on; null for no bound.</param>
/// <param name="Operations">Values of <c>key_ops</c>, distinct, in the order given.</param>
internal sealed record KeyAttributes(
    bool Enabled,
    long? NotBefore,
    long? Expires,
    ImmutableArray<string> Operations,
    ImmutableSortedDictionary<string, string> Tags);
