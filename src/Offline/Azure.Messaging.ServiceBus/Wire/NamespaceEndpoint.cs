namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Where a namespace is reached and what it is called.</summary>
/// <param name="Namespace">Fully qualified name, which is also the host of audiences.</param>
/// <param name="Host">Host to connect to.</param>
/// <param name="Port">Port to connect to.</param>
/// <param name="UseTls">False for a development emulator only.</param>
internal sealed record NamespaceEndpoint(string Namespace, string Host, int Port, bool UseTls)
{
    private const int TlsPort = 5671;
    private const int PlainPort = 5672;

    /// <summary>The endpoint of a namespace in the cloud, or of a stand-in that speaks TLS.</summary>
    public static NamespaceEndpoint ForNamespace(string fullyQualifiedNamespace, Uri? customEndpoint) =>
        Create(fullyQualifiedNamespace, -1, useTls: true, customEndpoint);

    /// <summary>The endpoint a connection string names: plain and on port 5672 with <c>UseDevelopmentEmulator</c>, unless it says another port.</summary>
    public static NamespaceEndpoint ForConnectionString(ServiceBusConnectionStringProperties properties, Uri? customEndpoint) =>
        Create(properties.FullyQualifiedNamespace, properties.Endpoint.Port, !properties.UseDevelopmentEmulator, customEndpoint);

    /// <summary>The audience of an entity.</summary>
    public string AudienceOf(string entityPath) => $"sb://{Namespace}/{entityPath}";

    private static NamespaceEndpoint Create(string name, int port, bool useTls, Uri? customEndpoint)
    {
        if (customEndpoint is not null)
        {
            port = customEndpoint.IsDefaultPort ? -1 : customEndpoint.Port;
        }

        var host = customEndpoint?.Host ?? name;
        return new(name, host.Trim('[', ']'), port >= 0 ? port : useTls ? TlsPort : PlainPort, useTls);
    }
}
