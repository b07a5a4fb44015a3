using Relay.Protocol.Keys;

namespace Relay.Azure.Keys;

/// <summary>
/// A key of a vault, whatever its version. Compared without case, as the vault
/// does: else one key could be asked for under as many names as it has spellings.
/// </summary>
/// <param name="Vault"><c>https://{host}[:port]/</c>.</param>
/// <param name="Name">Name of the key.</param>
internal readonly record struct VaultKey(string Vault, string Name)
{
    public bool Equals(VaultKey other) =>
        KeyIdentifier.TextComparer.Equals(Vault, other.Vault) && KeyIdentifier.TextComparer.Equals(Name, other.Name);

    public override int GetHashCode() =>
        HashCode.Combine(KeyIdentifier.TextComparer.GetHashCode(Vault), KeyIdentifier.TextComparer.GetHashCode(Name));

    public override string ToString() => $"{Vault}keys/{Name}";
}
