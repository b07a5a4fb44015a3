#nullable disable annotations
using System.Net.Security;

namespace Azure.Messaging.ServiceBus;

/// <summary>What a <see cref="ServiceBusClient"/> may be told beside where the namespace is. Copied when the client is made.</summary>
public class ServiceBusClientOptions
{
    private ServiceBusRetryOptions _retryOptions = new();
    private TimeSpan _connectionIdleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The transport; AMQP over TCP unless set.</summary>
    public ServiceBusTransportType TransportType { get; set; } = ServiceBusTransportType.AmqpTcp;

    /// <summary>How failed operations are tried again.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public ServiceBusRetryOptions RetryOptions
    {
        get => _retryOptions;
        set
        {
            ArgumentNullException.ThrowIfNull(value, nameof(RetryOptions));
            _retryOptions = value;
        }
    }

    /// <summary>Whether a transaction may span several entities; false unless set. All links then share one AMQP session: use a client of its own.</summary>
    public bool EnableCrossEntityTransactions { get; set; }

    /// <summary>A name for the client in diagnostics; made up when null or empty.</summary>
    public string Identifier { get; set; }

    /// <summary>Where to connect instead of the namespace's own host, for a gateway in between.</summary>
    public Uri CustomEndpointAddress { get; set; }

    /// <summary>How long the peer may be silent before the connection counts as lost; default 1 min.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan ConnectionIdleTimeout
    {
        get => _connectionIdleTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(ConnectionIdleTimeout));
            _connectionIdleTimeout = value;
        }
    }

    /// <summary>Judges the server's TLS certificate instead of the platform, when not null.</summary>
    public RemoteCertificateValidationCallback CertificateValidationCallback { get; set; }

    // The clock of everything the client times. The official package has none to set; tests of this project move theirs.
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal ServiceBusClientOptions Copy() => new()
    {
        TransportType = TransportType,
        EnableCrossEntityTransactions = EnableCrossEntityTransactions,
        _retryOptions = _retryOptions.Copy(),
        Identifier = Identifier,
        CustomEndpointAddress = CustomEndpointAddress,
        _connectionIdleTimeout = _connectionIdleTimeout,
        CertificateValidationCallback = CertificateValidationCallback,
        TimeProvider = TimeProvider,
    };
}
