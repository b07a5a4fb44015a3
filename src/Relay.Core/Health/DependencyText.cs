namespace Relay.Core.Health;

/// <summary>Dependencies as health and log spell them.</summary>
public static class DependencyText
{
    public static string ToText(this Dependency dependency) => dependency switch
    {
        Dependency.Bus => "bus",
        Dependency.Ledger => "ledger",
        Dependency.Vault => "vault",
        Dependency.Directory => "directory",
    };
}
