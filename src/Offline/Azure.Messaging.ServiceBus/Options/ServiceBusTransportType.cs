namespace Azure.Messaging.ServiceBus;

/// <summary>How the connection to the namespace is carried.</summary>
public enum ServiceBusTransportType
{
    /// <summary>AMQP over TCP: port 5671 with TLS, 5672 without.</summary>
    AmqpTcp = 0,

    /// <summary>AMQP over WebSockets on port 443.</summary>
    AmqpWebSockets = 1,
}
