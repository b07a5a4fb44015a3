namespace Relay.Azure.Keys;

/// <summary>A key of a vault, whatever its version.</summary>
/// <param name="Vault"><c>https://{host}[:port]/</c>.</param>
/// <param name="Name">Name of the key.</param>
internal readonly record struct VaultKey(string Vault, string Name)
{
    public override string ToString() => $"{Vault}keys/{Name}";
}
