namespace Relay.Infra.Tests.Catalog;

/// <summary>A role and what it is for here.</summary>
/// <param name="Actions">What a holder can do, in the words of the permission table.</param>
/// <param name="Scopes">Resource types that it may be assigned on: the smallest that make sense.</param>
internal sealed record Role(string Name, IReadOnlyList<string> Actions, IReadOnlyList<string> Scopes);

/// <summary>The roles that may be assigned. Ids of built-in roles are the same in every tenant.</summary>
internal static class RoleCatalog
{
    private const string Queue = "Microsoft.ServiceBus/namespaces/queues";
    private const string Topic = "Microsoft.ServiceBus/namespaces/topics";
    private const string Subscription = "Microsoft.ServiceBus/namespaces/topics/subscriptions";
    private const string Key = "Microsoft.KeyVault/vaults/keys";
    private const string Container = "Microsoft.Storage/storageAccounts/blobServices/containers";

    public static IReadOnlyDictionary<string, Role> BuiltIn { get; } = new Dictionary<string, Role>
    {
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = new("Azure Service Bus Data Sender", ["send"], [Queue, Topic]),
        ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"] = new("Azure Service Bus Data Receiver", ["receive"], [Queue, Subscription]),
        ["090c5cfd-751d-490a-894a-3ce6f1109419"] = new("Azure Service Bus Data Owner", ["send", "receive", "manage"], [Queue]),
        ["21090545-7ca7-4776-b22c-e363652d74d2"] = new("Key Vault Reader", ["read public key"], [Key]),
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = new("Storage Blob Data Contributor", ["read", "write", "delete"], [Container]),
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = new("Storage Blob Data Reader", ["read"], [Container]),
        // Only on the host's own account, which holds nothing of the relay's: see Checks/DeploymentChecks.
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = new(
            "Storage Blob Data Owner", ["read", "write", "delete", "own"], ["Microsoft.Storage/storageAccounts"]),
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = new(
            "Monitoring Metrics Publisher", ["send telemetry"], ["Microsoft.Insights/components"]),
    };

    /// <summary>Data actions that a role of our own may have, and where it may be assigned.</summary>
    public static IReadOnlyDictionary<string, (string Action, string Scope)> DataActions { get; } = new Dictionary<string, (string, string)>
    {
        ["Microsoft.KeyVault/vaults/keys/read"] = ("read public key", Key),
        ["Microsoft.KeyVault/vaults/keys/sign/action"] = ("sign", Key),
    };
}
