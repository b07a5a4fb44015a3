#nullable disable annotations
using Azure.Core;
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>A connection to a Service Bus namespace, from which senders, receivers and processors are made. Thread-safe; keep one. The connection is
/// opened when first needed and again after it was lost.</summary>
public class ServiceBusClient : IAsyncDisposable
{
    private readonly string _entityPath;
    private volatile bool _closed;

    /// <summary>For subclasses that stand in for a client in tests.</summary>
    protected ServiceBusClient()
    {
    }

    /// <inheritdoc cref="ServiceBusClient(string, ServiceBusClientOptions)"/>
    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions())
    {
    }

    /// <summary>A client of the namespace a connection string names.</summary>
    /// <param name="connectionString">With an endpoint and either a key name and key or a signature. With <c>UseDevelopmentEmulator=true</c> the connection
    /// is plain; a port in the endpoint counts.</param>
    /// <param name="options">Copied; may be null.</param>
    /// <exception cref="ArgumentException">The string is empty or lacks a part.</exception>
    /// <exception cref="FormatException">The string is malformed.</exception>
    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
    {
        var properties = ServiceBusConnectionStringProperties.Parse(connectionString);
        var copy = CopyOf(options);
        var tokens = TokensOf(properties, copy.TimeProvider, nameof(connectionString));
        _entityPath = properties.EntityPath;
        FullyQualifiedNamespace = properties.FullyQualifiedNamespace;
        Identifier = Identifiers.Choose(copy.Identifier, FullyQualifiedNamespace);
        TransportType = copy.TransportType;
        Scope = new ConnectionScope(NamespaceEndpoint.ForConnectionString(properties, copy), tokens, copy, Identifier);
    }

    /// <inheritdoc cref="ServiceBusClient(string, TokenCredential, ServiceBusClientOptions)"/>
    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions())
    {
    }

    /// <summary>A client of a namespace, let in by an identity.</summary>
    /// <param name="fullyQualifiedNamespace">For instance <c>name.servicebus.windows.net</c>.</param>
    /// <param name="credential">Gives tokens for Service Bus.</param>
    /// <param name="options">Copied; may be null.</param>
    /// <exception cref="ArgumentException">The namespace is no host name.</exception>
    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        ArgumentNullException.ThrowIfNull(credential);
        if (Uri.TryCreate(fullyQualifiedNamespace, UriKind.Absolute, out var address) && address.Host.Length > 0)
        {
            fullyQualifiedNamespace = address.Host;
        }

        if (Uri.CheckHostName(fullyQualifiedNamespace) == UriHostNameType.Unknown)
        {
            throw new ArgumentException($"A host name was expected, as in name.servicebus.windows.net; it was '{fullyQualifiedNamespace}'.",
                nameof(fullyQualifiedNamespace));
        }

        var copy = CopyOf(options);
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        Identifier = Identifiers.Choose(copy.Identifier, FullyQualifiedNamespace);
        TransportType = copy.TransportType;
        Scope = new ConnectionScope(NamespaceEndpoint.ForNamespace(fullyQualifiedNamespace, copy),
            TokenSource.FromCredential(credential), copy, Identifier);
    }

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Name in diagnostics.</summary>
    public virtual string Identifier { get; }

    /// <summary>How the connection is carried.</summary>
    public ServiceBusTransportType TransportType { get; }

    /// <summary>Whether it was disposed; it and what it made then throw <see cref="ObjectDisposedException"/>.</summary>
    public virtual bool IsClosed => _closed;

    internal ConnectionScope Scope { get; }

    /// <summary>A sender to a queue or topic; nothing is opened yet.</summary>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => CreateSender(queueOrTopicName, null);

    /// <summary>A sender to a queue or topic; nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">The name is empty, or the connection string is for another entity.</exception>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options)
    {
        Check(queueOrTopicName);
        return new ServiceBusSender(this, queueOrTopicName, options);
    }

    /// <summary>A receiver of a queue; nothing is opened yet.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, (ServiceBusReceiverOptions)null);

    /// <summary>A receiver of a queue; nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">The name is empty, or the connection string is for another entity.</exception>
    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
    {
        Check(queueName);
        return new ServiceBusReceiver(this, queueName, options ?? new());
    }

    /// <summary>A receiver of a subscription; nothing is opened yet.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) => CreateReceiver(topicName, subscriptionName, null);

    /// <summary>A receiver of a subscription; nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">A name is empty, or the connection string is for another entity.</exception>
    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        return new ServiceBusReceiver(this, EntityPaths.Subscription(topicName, subscriptionName), options ?? new());
    }

    /// <summary>A processor of a queue; it starts when told to.</summary>
    public virtual ServiceBusProcessor CreateProcessor(string queueName) => CreateProcessor(queueName, (ServiceBusProcessorOptions)null);

    /// <summary>A processor of a queue; it starts when told to.</summary>
    /// <exception cref="ArgumentException">The name is empty, or the connection string is for another entity.</exception>
    public virtual ServiceBusProcessor CreateProcessor(string queueName, ServiceBusProcessorOptions options)
    {
        Check(queueName);
        return new ServiceBusProcessor(this, queueName, options ?? new());
    }

    /// <summary>A processor of a subscription; it starts when told to.</summary>
    public virtual ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName) => CreateProcessor(topicName, subscriptionName, null);

    /// <summary>A processor of a subscription; it starts when told to.</summary>
    /// <exception cref="ArgumentException">A name is empty, or the connection string is for another entity.</exception>
    public virtual ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName, ServiceBusProcessorOptions options)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        return new ServiceBusProcessor(this, EntityPaths.Subscription(topicName, subscriptionName), options ?? new());
    }

    /// <summary>Takes the next session of a queue that is free and has messages, waiting at most the try timeout.</summary>
    /// <exception cref="ServiceBusException">With ServiceTimeout when there was none.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(string queueName, ServiceBusSessionReceiverOptions options = default,
        CancellationToken cancellationToken = default)
    {
        Check(queueName);
        return ServiceBusSessionReceiver.AcceptAsync(this, queueName, null, options ?? new(), cancellationToken);
    }

    /// <summary>Takes the next session of a subscription that is free and has messages, waiting at most the try timeout.</summary>
    /// <exception cref="ServiceBusException">With ServiceTimeout when there was none.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(string topicName, string subscriptionName, ServiceBusSessionReceiverOptions options = default,
        CancellationToken cancellationToken = default)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        return ServiceBusSessionReceiver.AcceptAsync(this, EntityPaths.Subscription(topicName, subscriptionName), null, options ?? new(), cancellationToken);
    }

    /// <summary>Takes a session of a queue, with or without messages.</summary>
    /// <exception cref="ServiceBusException">With SessionCannotBeLocked when another receiver holds it.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptSessionAsync(string queueName, string sessionId, ServiceBusSessionReceiverOptions options = default,
        CancellationToken cancellationToken = default)
    {
        Check(queueName);
        ArgumentNullException.ThrowIfNull(sessionId);
        return ServiceBusSessionReceiver.AcceptAsync(this, queueName, sessionId, options ?? new(), cancellationToken);
    }

    /// <summary>Takes a session of a subscription, with or without messages.</summary>
    /// <exception cref="ServiceBusException">With SessionCannotBeLocked when another receiver holds it.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptSessionAsync(string topicName, string subscriptionName, string sessionId,
        ServiceBusSessionReceiverOptions options = default, CancellationToken cancellationToken = default)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        ArgumentNullException.ThrowIfNull(sessionId);
        return ServiceBusSessionReceiver.AcceptAsync(this, EntityPaths.Subscription(topicName, subscriptionName), sessionId, options ?? new(), cancellationToken);
    }

    /// <summary>A processor of a queue's sessions; it starts when told to.</summary>
    public virtual ServiceBusSessionProcessor CreateSessionProcessor(string queueName, ServiceBusSessionProcessorOptions options = default)
    {
        Check(queueName);
        return new ServiceBusSessionProcessor(this, queueName, options ?? new());
    }

    /// <summary>A processor of a subscription's sessions; it starts when told to.</summary>
    public virtual ServiceBusSessionProcessor CreateSessionProcessor(string topicName, string subscriptionName, ServiceBusSessionProcessorOptions options = default)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        return new ServiceBusSessionProcessor(this, EntityPaths.Subscription(topicName, subscriptionName), options ?? new());
    }

    /// <summary>A manager of a subscription's rules; nothing is opened yet.</summary>
    public virtual ServiceBusRuleManager CreateRuleManager(string topicName, string subscriptionName)
    {
        Check(topicName);
        ArgumentException.ThrowIfNullOrEmpty(subscriptionName);
        return new ServiceBusRuleManager(this, EntityPaths.Subscription(topicName, subscriptionName));
    }

    /// <summary>Closes the connection, and with it all links of what the client made.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        _closed = true;
        if (Scope is not null)
        {
            await Scope.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Shows type and identifier.</summary>
    public override string ToString() => $"{nameof(ServiceBusClient)}: {Identifier}";

    internal static TokenSource TokensOf(ServiceBusConnectionStringProperties properties, TimeProvider time, string parameterName)
    {
        if (properties.Endpoint is null)
        {
            throw new ArgumentException("The connection string has no Endpoint.", parameterName);
        }

        if (properties.SharedAccessSignature is { } signature)
        {
            return properties is { SharedAccessKeyName: null, SharedAccessKey: null }
                ? TokenSource.FromSignature(signature)
                : throw new ArgumentException("The connection string has both a shared access signature and a key; one of them was expected.", parameterName);
        }

        return properties is { SharedAccessKeyName: { } keyName, SharedAccessKey: { } key }
            ? TokenSource.FromKey(keyName, key, time)
            : throw new ArgumentException("The connection string has neither SharedAccessKeyName with SharedAccessKey nor SharedAccessSignature.", parameterName);
    }

    private static ServiceBusClientOptions CopyOf(ServiceBusClientOptions options) => options?.Copy() ?? new ServiceBusClientOptions();

    private void Check(string entityName)
    {
        ArgumentException.ThrowIfNullOrEmpty(entityName);
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!string.IsNullOrEmpty(_entityPath) && !string.Equals(_entityPath, entityName, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"The connection string is for '{_entityPath}', not for '{entityName}'.", nameof(entityName));
        }
    }
}
