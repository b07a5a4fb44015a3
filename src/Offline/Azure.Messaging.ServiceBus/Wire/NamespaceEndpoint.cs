namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Where a namespace is reached and what it is called.</summary>
/// <param name="Namespace">Fully qualified name, which is also the host of audiences.</param>
/// <param name="Host">Host to connect to.</param>
/// <param name="Port">Port to connect to.</param>
/// <param name="UseTls">False for a development emulator only.</param>
/// <param name="UseWebSockets">AMQP inside a WebSocket rather than on TCP.</param>
internal sealed record NamespaceEndpoint(string Namespace, string Host, int Port, bool UseTls, bool UseWebSockets = false)
{
    private const int TlsPort = 5671;
    private const int PlainPort = 5672;
    private const int SecureWebPort = 443;
    private const int WebPort = 80;

    /// <summary>The endpoint of a namespace in the cloud, or of a stand-in that speaks TLS.</summary>
    public static NamespaceEndpoint ForNamespace(string fullyQualifiedNamespace, ServiceBusClientOptions options) =>
        Create(fullyQualifiedNamespace, -1, useTls: true, options);

    /// <summary>The endpoint a connection string names: plain and on port 5672 with <c>UseDevelopmentEmulator</c>, unless it says another port.</summary>
    public static NamespaceEndpoint ForConnectionString(ServiceBusConnectionStringProperties properties, ServiceBusClientOptions options) =>
        Create(properties.FullyQualifiedNamespace, properties.Endpoint.Port, !properties.UseDevelopmentEmulator, options);

    /// <summary>The audience of an entity.</summary>
    public string AudienceOf(string entityPath) => $"sb://{Namespace}/{entityPath}";

    private static NamespaceEndpoint Create(string name, int port, bool useTls, ServiceBusClientOptions options)
    {
        var customEndpoint = options.CustomEndpointAddress;
        var useWebSockets = options.TransportType == ServiceBusTransportType.AmqpWebSockets;
        if (customEndpoint is not null)
        {
            port = customEndpoint.IsDefaultPort ? -1 : customEndpoint.Port;
        }

        var host = customEndpoint?.Host ?? name;
        var usual = useWebSockets ? useTls ? SecureWebPort : WebPort : useTls ? TlsPort : PlainPort;
        return new(name, host.Trim('[', ']'), port >= 0 ? port : usual, useTls, useWebSockets);
    }
}
