using Azure.Core;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Emulator.Functions.HostJson;
using Emulator.Functions.Settings;

namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>One client per connection setting, shared by the functions that name it. Owns the clients.</summary>
/// <param name="credential">The app's own, taken before the setting's; null when it registered none.</param>
/// <param name="create">A test's client by setting name; null for real ones.</param>
internal sealed class ServiceBusClients(
    ServiceBusSettings settings, TokenCredential? credential, Func<string, ServiceBusClientOptions, ServiceBusClient>? create) : IAsyncDisposable
{
    private readonly Dictionary<string, ServiceBusClient> _clients = new(StringComparer.OrdinalIgnoreCase);

    public ServiceBusClient Get(ServiceBusConnection connection)
    {
        if (!_clients.TryGetValue(connection.Name, out var client))
        {
            client = Create(connection);
            _clients.Add(connection.Name, client);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        _clients.Clear();
    }

    private ServiceBusClient Create(ServiceBusConnection connection)
    {
        var options = settings.ToClientOptions();
        return create is not null ? create(connection.Name, options)
            : connection.ConnectionString is not null ? new ServiceBusClient(connection.ConnectionString, options)
            : new ServiceBusClient(connection.FullyQualifiedNamespace, credential ?? CredentialOf(connection), options);
    }

    private static TokenCredential CredentialOf(ServiceBusConnection connection) =>
        !string.Equals(connection.CredentialKind, "managedidentity", StringComparison.OrdinalIgnoreCase) ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(connection.ClientId is { Length: > 0 } id
            ? ManagedIdentityId.FromUserAssignedClientId(id)
            : ManagedIdentityId.SystemAssigned);
}
