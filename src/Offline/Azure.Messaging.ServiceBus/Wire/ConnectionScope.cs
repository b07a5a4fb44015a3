using System.Net.Security;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;
using Relay.Amqp.State;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>The one connection of a client, opened when first wanted and again after it was lost, and the authorized links on it.</summary>
internal sealed class ConnectionScope : IAsyncDisposable
{
    // The largest message of the Premium tier; the service's own limits are lower or equal.
    private const long LargestMessage = 100L * 1024 * 1024;

    private readonly NamespaceEndpoint _endpoint;
    private readonly TokenSource _tokens;
    private readonly AmqpClientOptions _options;
    private readonly LinkSlot<OpenConnection> _connection;

    public ConnectionScope(NamespaceEndpoint endpoint, TokenSource tokens, ServiceBusClientOptions options, string identifier)
    {
        _endpoint = endpoint;
        _tokens = tokens;
        Time = options.TimeProvider;
        RetryPolicy = options.RetryOptions.CustomRetryPolicy ?? new OptionsRetryPolicy(options.RetryOptions, Random.Shared.NextDouble);
        Retries = new RetryRunner(RetryPolicy, Time);
        _options = ClientOptions(endpoint, options, identifier);
        _connection = new(OpenConnectionAsync, connection => connection.Amqp.IsOpen);
    }

    /// <summary>Clock of everything on this connection.</summary>
    public TimeProvider Time { get; }

    /// <summary>When operations are tried again.</summary>
    public ServiceBusRetryPolicy RetryPolicy { get; }

    /// <summary>Runs operations under <see cref="RetryPolicy"/>.</summary>
    public RetryRunner Retries { get; }

    /// <summary>Opens a link to send to an entity.</summary>
    public async Task<AmqpSender> OpenSenderAsync(string entityPath, string identifier, CancellationToken cancellationToken)
    {
        var connection = await AuthorizeAsync(entityPath, cancellationToken).ConfigureAwait(false);
        return await connection.OpenSenderAsync(
            new AmqpSenderOptions
            {
                Target = new Target { Address = "/" + entityPath },
                Source = new Source { Address = identifier },
                Properties = Timeout(),
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a link to receive from an entity.</summary>
    public async Task<AmqpReceiver> OpenReceiverAsync(string entityPath, string identifier, ServiceBusReceiveMode mode, DeliveryCallback onDelivery,
        CancellationToken cancellationToken)
    {
        var connection = await AuthorizeAsync(entityPath, cancellationToken).ConfigureAwait(false);
        return await connection.OpenReceiverAsync(
            new AmqpReceiverOptions
            {
                Source = new Source { Address = "/" + entityPath },
                Target = new Target { Address = identifier },
                SndSettleMode = mode == ServiceBusReceiveMode.ReceiveAndDelete ? (byte)1 : null,
                RcvSettleMode = mode == ServiceBusReceiveMode.PeekLock ? (byte)1 : null,
                OnDelivery = onDelivery,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the links to an entity's management node.</summary>
    public async Task<AmqpRequestLink> OpenManagementAsync(string entityPath, CancellationToken cancellationToken)
    {
        var address = EntityPaths.Management(entityPath);
        var connection = await AuthorizeAsync(address, cancellationToken).ConfigureAwait(false);
        return await connection.OpenRequestLinkAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connection; operations under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (await _connection.CloseAsync(CancellationToken.None).ConfigureAwait(false) is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static AmqpMap Timeout() => new() { { new AmqpSymbol("com.microsoft:timeout"), 60_000u } };

    private static AmqpClientOptions ClientOptions(NamespaceEndpoint endpoint, ServiceBusClientOptions options, string identifier) => new()
    {
        Host = endpoint.Host,
        Port = endpoint.Port,
        Tls = !endpoint.UseTls
            ? null
            : new SslClientAuthenticationOptions
            {
                TargetHost = endpoint.Host,
                RemoteCertificateValidationCallback = options.CertificateValidationCallback,
            },
        Connection = new AmqpConnectionOptions
        {
            ContainerId = identifier,
            HostName = endpoint.Namespace,
            Properties = new AmqpMap { { new AmqpSymbol("product"), "Relay.StandIn.ServiceBus" } },
            ChannelMax = 8191,
            IdleTimeout = options.ConnectionIdleTimeout,
            MaxMessageSize = LargestMessage,
            MaxUnfinishedBytes = 2 * LargestMessage,
            TimeProvider = options.TimeProvider,
        },
    };

    private async Task<AmqpClientConnection> AuthorizeAsync(string path, CancellationToken cancellationToken)
    {
        var connection = await _connection.GetAsync(cancellationToken).ConfigureAwait(false);
        await connection.Cbs.AuthorizeAsync(_endpoint.AudienceOf(path), cancellationToken).ConfigureAwait(false);
        return connection.Amqp;
    }

    private async Task<OpenConnection> OpenConnectionAsync(CancellationToken cancellationToken)
    {
        var amqp = await AmqpClientConnection.ConnectAsync(_options, cancellationToken).ConfigureAwait(false);
        try
        {
            return new OpenConnection(amqp, await CbsClient.OpenAsync(amqp, _tokens, Time, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await amqp.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed record OpenConnection(AmqpClientConnection Amqp, CbsClient Cbs) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Cbs.DisposeAsync().ConfigureAwait(false);
            await Amqp.DisposeAsync().ConfigureAwait(false);
        }
    }
}
