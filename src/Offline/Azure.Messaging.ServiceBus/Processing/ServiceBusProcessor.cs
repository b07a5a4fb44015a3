#nullable disable annotations
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives messages of a queue or subscription and hands each to a handler, several at once. Thread-safe.</summary>
public class ServiceBusProcessor : IAsyncDisposable
{
    private readonly HandlerSlot<ProcessMessageEventArgs> _message = new(nameof(ProcessMessageAsync));
    private readonly HandlerSlot<ProcessErrorEventArgs> _error = new(nameof(ProcessErrorAsync));
    private readonly ServiceBusClient _client;
    private readonly ServiceBusReceiverOptions _receiverOptions;
    private readonly string _entityPath;

    // Serialises starting and stopping.
    private readonly SemaphoreSlim _changing = new(1, 1);

    private volatile MessagePump _pump;
    private volatile bool _closed;
    private int _maxConcurrentCalls;
    private int _prefetchCount;

    /// <summary>For subclasses that stand in for a processor in tests.</summary>
    protected ServiceBusProcessor()
    {
    }

    internal ServiceBusProcessor(ServiceBusClient client, string entityPath, ServiceBusProcessorOptions options)
    {
        _client = client;
        _entityPath = entityPath;
        EntityPath = EntityPaths.Of(entityPath, options.SubQueue);
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        Identifier = Identifiers.Choose(options.Identifier, EntityPath);
        ReceiveMode = options.ReceiveMode;
        AutoCompleteMessages = options.AutoCompleteMessages;
        MaxAutoLockRenewalDuration = options.MaxAutoLockRenewalDuration;
        _maxConcurrentCalls = options.MaxConcurrentCalls;
        _prefetchCount = options.PrefetchCount;
        _receiverOptions = new ServiceBusReceiverOptions { ReceiveMode = ReceiveMode, SubQueue = options.SubQueue, Identifier = Identifier };
    }

#pragma warning disable VSTHRD200 // The events' names, and with them their accessors', are the official package's.
    /// <summary>Handles a message. One handler, set before the start.</summary>
    /// <exception cref="InvalidOperationException">The processor runs.</exception>
    /// <exception cref="NotSupportedException">A second handler.</exception>
    public event Func<ProcessMessageEventArgs, Task> ProcessMessageAsync
    {
        add { ThrowIfRunning(); _message.Add(value); }
        remove { ThrowIfRunning(); _message.Remove(value); }
    }

    /// <summary>Is told of every failure: of handlers, of receiving, of settling. One handler, set before the start.</summary>
    /// <exception cref="InvalidOperationException">The processor runs.</exception>
    /// <exception cref="NotSupportedException">A second handler.</exception>
    public event Func<ProcessErrorEventArgs, Task> ProcessErrorAsync
    {
        add { ThrowIfRunning(); _error.Add(value); }
        remove { ThrowIfRunning(); _error.Remove(value); }
    }
#pragma warning restore VSTHRD200

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Path of the entity, sub-queue included.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Name in diagnostics.</summary>
    public virtual string Identifier { get; }

    /// <summary>What receiving does to a message.</summary>
    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    /// <summary>Whether a message is completed when its handler returns without having settled it.</summary>
    public virtual bool AutoCompleteMessages { get; }

    /// <summary>How long locks are renewed while a handler runs.</summary>
    public virtual TimeSpan MaxAutoLockRenewalDuration { get; }

    /// <summary>Handlers that may run at once.</summary>
    public virtual int MaxConcurrentCalls => Volatile.Read(ref _maxConcurrentCalls);

    /// <summary>Messages kept ready without a free handler.</summary>
    public virtual int PrefetchCount => Volatile.Read(ref _prefetchCount);

    /// <summary>From the start until the stop is done.</summary>
    public virtual bool IsProcessing => _pump is not null;

    /// <summary>Whether it was closed; it cannot be started again.</summary>
    public virtual bool IsClosed => _closed;

    /// <summary>Starts to receive and to call the handlers.</summary>
    /// <exception cref="InvalidOperationException">It runs already, or a handler is missing.</exception>
    public virtual async Task StartProcessingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed || _client.IsClosed, this);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfRunning();
            _message.ThrowIfUnset();
            _error.ThrowIfUnset();
            _receiverOptions.PrefetchCount = PrefetchCount;
            _pump = new MessagePump(this, new ServiceBusReceiver(_client, _entityPath, _receiverOptions), _client.Scope.Time);
            _pump.SetConcurrency(MaxConcurrentCalls);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops to receive, signals the handlers' tokens and waits until all handlers have returned. It may be started again.</summary>
    /// <param name="cancellationToken">Ends the wait, not the stop.</param>
    public virtual async Task StopProcessingAsync(CancellationToken cancellationToken = default)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_pump is { } pump)
            {
                await pump.StopAsync(cancellationToken).ConfigureAwait(false);
                _pump = null;
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Changes how many handlers may run at once, also while running.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public void UpdateConcurrency(int maxConcurrentCalls)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrentCalls, 1);
        Volatile.Write(ref _maxConcurrentCalls, maxConcurrentCalls);
        _pump?.SetConcurrency(maxConcurrentCalls);
    }

    /// <summary>Changes how many messages are kept ready, from the next start on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void UpdatePrefetchCount(int prefetchCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefetchCount);
        Volatile.Write(ref _prefetchCount, prefetchCount);
    }

    /// <summary>Stops, for good.</summary>
    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        await StopProcessingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="CloseAsync"/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls the message handler.</summary>
    protected internal virtual Task OnProcessMessageAsync(ProcessMessageEventArgs args) => _message.InvokeAsync(args);

    /// <summary>Calls the error handler.</summary>
    protected internal virtual Task OnProcessErrorAsync(ProcessErrorEventArgs args) => _error.InvokeAsync(args);

    private void ThrowIfRunning()
    {
        if (IsProcessing)
        {
            throw new InvalidOperationException("The processor is running and needs to be stopped to perform this operation.");
        }
    }
}
