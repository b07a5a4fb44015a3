using Azure.Core;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.HostJson;
using Emulator.FunctionsHost.Settings;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>One client per connection setting, shared by the functions that name it. Owns the clients.</summary>
internal sealed class ServiceBusClients(ServiceBusSettings settings) : IAsyncDisposable
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
        return connection.ConnectionString is not null
            ? new ServiceBusClient(connection.ConnectionString, options)
            : new ServiceBusClient(connection.FullyQualifiedNamespace, CredentialOf(connection), options);
    }

    private static TokenCredential CredentialOf(ServiceBusConnection connection) =>
        !string.Equals(connection.CredentialKind, "managedidentity", StringComparison.OrdinalIgnoreCase) ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(connection.ClientId is { Length: > 0 } id
            ? ManagedIdentityId.FromUserAssignedClientId(id)
            : ManagedIdentityId.SystemAssigned);
}
