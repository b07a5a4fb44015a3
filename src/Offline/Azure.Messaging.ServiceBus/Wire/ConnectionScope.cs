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
    private readonly bool _crossEntity;

    // Guards the two below it.
    private readonly SemaphoreSlim _sessionOpening = new(1, 1);
    private AmqpSession? _shared;
    private AmqpClientConnection? _sharedOn;

    public ConnectionScope(NamespaceEndpoint endpoint, TokenSource tokens, ServiceBusClientOptions options, string identifier)
    {
        _endpoint = endpoint;
        _tokens = tokens;
        Time = options.TimeProvider;
        RetryPolicy = options.RetryOptions.CustomRetryPolicy ?? new OptionsRetryPolicy(options.RetryOptions, Random.Shared.NextDouble);
        Retries = new RetryRunner(RetryPolicy, Time);
        _options = ClientOptions(endpoint, options, identifier);
        _crossEntity = options.EnableCrossEntityTransactions;
        Transactions = new TransactionEnlistments(this);
        _connection = new(OpenConnectionAsync, connection => connection.Amqp.IsOpen);
    }

    /// <summary>Clock of everything on this connection.</summary>
    public TimeProvider Time { get; }

    /// <summary>When operations are tried again.</summary>
    public ServiceBusRetryPolicy RetryPolicy { get; }

    /// <summary>Runs operations under <see cref="RetryPolicy"/>.</summary>
    public RetryRunner Retries { get; }

    /// <summary>Part of ambient transactions.</summary>
    public TransactionEnlistments Transactions { get; }

    /// <summary>Opens a link to send to an entity.</summary>
    public async Task<AmqpSender> OpenSenderAsync(string entityPath, string identifier, CancellationToken cancellationToken)
    {
        var connection = await AuthorizeAsync(entityPath, cancellationToken).ConfigureAwait(false);
        return await connection.OpenSenderAsync(
            new AmqpSenderOptions
            {
                Session = await LinkSessionAsync(connection, cancellationToken).ConfigureAwait(false),
                Target = new Target { Address = "/" + entityPath },
                Source = new Source { Address = identifier },
                Properties = Timeout(),
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a link to receive from an entity.</summary>
    public Task<AmqpReceiver> OpenReceiverAsync(string entityPath, string identifier, ServiceBusReceiveMode mode, DeliveryCallback onDelivery,
        CancellationToken cancellationToken) =>
        OpenReceiverAsync(entityPath, identifier, mode, filter: null, properties: null, onDelivery, cancellationToken);

    /// <summary>Opens a link to receive the messages of one session of an entity.</summary>
    /// <param name="entityPath">The entity.</param>
    /// <param name="identifier">Named in diagnostics.</param>
    /// <param name="mode">What receiving does.</param>
    /// <param name="sessionId">Null for the next session that is free.</param>
    /// <param name="timeout">How long the service is to wait for one.</param>
    /// <param name="onDelivery">Takes deliveries.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AmqpReceiver> OpenSessionReceiverAsync(string entityPath, string identifier, ServiceBusReceiveMode mode, string? sessionId, TimeSpan timeout,
        DeliveryCallback onDelivery, CancellationToken cancellationToken) =>
        OpenReceiverAsync(entityPath, identifier, mode, SessionLink.FilterOf(sessionId), SessionLink.PropertiesOf(timeout), onDelivery, cancellationToken);

    private async Task<AmqpReceiver> OpenReceiverAsync(string entityPath, string identifier, ServiceBusReceiveMode mode, AmqpMap? filter, AmqpMap? properties,
        DeliveryCallback onDelivery, CancellationToken cancellationToken)
    {
        var connection = await AuthorizeAsync(entityPath, cancellationToken).ConfigureAwait(false);
        return await connection.OpenReceiverAsync(
            new AmqpReceiverOptions
            {
                Session = await LinkSessionAsync(connection, cancellationToken).ConfigureAwait(false),
                Source = new Source { Address = "/" + entityPath, Filter = filter },
                Properties = properties,
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
        await Transactions.DisposeAsync().ConfigureAwait(false);
        if (await _connection.CloseAsync(CancellationToken.None).ConfigureAwait(false) is { } connection)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    // With cross-entity transactions all links share one session, by which the service knows what belongs together; else each has its own.
    private async Task<AmqpSession?> LinkSessionAsync(AmqpClientConnection connection, CancellationToken cancellationToken)
    {
        if (!_crossEntity)
        {
            return null;
        }

        await _sessionOpening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_sharedOn != connection || _shared is not { IsOpen: true })
            {
                _shared = await connection.BeginSessionAsync(cancellationToken).ConfigureAwait(false);
                _sharedOn = connection;
            }

            return _shared;
        }
        finally
        {
            _sessionOpening.Release();
        }
    }

    /// <summary>Opens the link to the transaction coordinator.</summary>
    public async Task<AmqpSender> OpenControllerAsync(CancellationToken cancellationToken)
    {
        var connection = await _connection.GetAsync(cancellationToken).ConfigureAwait(false);
        return await connection.Amqp.OpenSenderAsync(
            new AmqpSenderOptions
            {
                Session = await LinkSessionAsync(connection.Amqp, cancellationToken).ConfigureAwait(false),
                Target = new Coordinator(),
                Source = new Source { Address = Guid.NewGuid().ToString("N"), DistributionMode = new AmqpSymbol("move") },
            },
            cancellationToken).ConfigureAwait(false);
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
        var amqp = _endpoint.UseWebSockets
            ? await WebSocketTransport.ConnectAsync(_endpoint, _options, cancellationToken).ConfigureAwait(false)
            : await AmqpClientConnection.ConnectAsync(_options, cancellationToken).ConfigureAwait(false);
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
