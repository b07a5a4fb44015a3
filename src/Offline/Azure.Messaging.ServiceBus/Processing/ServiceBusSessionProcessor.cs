#nullable disable annotations
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Takes sessions of a queue or subscription, several at once, and hands the messages of each in order to a handler. Thread-safe.</summary>
public class ServiceBusSessionProcessor : IAsyncDisposable
{
    private readonly HandlerSlot<ProcessSessionMessageEventArgs> _message = new(nameof(ProcessMessageAsync));
    private readonly HandlerSlot<ProcessErrorEventArgs> _error = new(nameof(ProcessErrorAsync));
    private readonly HandlerSlot<ProcessSessionEventArgs> _initializing = new(nameof(SessionInitializingAsync));
    private readonly HandlerSlot<ProcessSessionEventArgs> _closing = new(nameof(SessionClosingAsync));
    private readonly ServiceBusClient _client;
    private readonly string[] _sessionIds;

    // Serialises starting and stopping.
    private readonly SemaphoreSlim _changing = new(1, 1);

    private volatile SessionPump _pump;
    private volatile bool _closed;
    private int _maxConcurrentSessions;
    private int _maxConcurrentCallsPerSession;
    private int _prefetchCount;

    /// <summary>For subclasses that stand in for a processor in tests.</summary>
    protected ServiceBusSessionProcessor()
    {
    }

    internal ServiceBusSessionProcessor(ServiceBusClient client, string entityPath, ServiceBusSessionProcessorOptions options)
    {
        _client = client;
        EntityPath = entityPath;
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        Identifier = Identifiers.Choose(options.Identifier, EntityPath);
        ReceiveMode = options.ReceiveMode;
        AutoCompleteMessages = options.AutoCompleteMessages;
        MaxAutoLockRenewalDuration = options.MaxAutoLockRenewalDuration;
        SessionIdleTimeout = options.SessionIdleTimeout;
        _sessionIds = [.. options.SessionIds];
        _maxConcurrentSessions = _sessionIds.Length > 0 ? _sessionIds.Length : options.MaxConcurrentSessions;
        _maxConcurrentCallsPerSession = options.MaxConcurrentCallsPerSession;
        _prefetchCount = options.PrefetchCount;
    }

#pragma warning disable VSTHRD200 // The events' names, and with them their accessors', are the official package's.
    /// <summary>Handles a message. One handler, set before the start.</summary>
    /// <exception cref="InvalidOperationException">The processor runs.</exception>
    /// <exception cref="NotSupportedException">A second handler.</exception>
    public event Func<ProcessSessionMessageEventArgs, Task> ProcessMessageAsync
    {
        add { ThrowIfRunning(); _message.Add(value); }
        remove { ThrowIfRunning(); _message.Remove(value); }
    }

    /// <summary>Is told of every failure: of handlers, of accepting, receiving, settling and closing. One handler, set before the start.</summary>
    /// <exception cref="InvalidOperationException">The processor runs.</exception>
    /// <exception cref="NotSupportedException">A second handler.</exception>
    public event Func<ProcessErrorEventArgs, Task> ProcessErrorAsync
    {
        add { ThrowIfRunning(); _error.Add(value); }
        remove { ThrowIfRunning(); _error.Remove(value); }
    }

    /// <summary>Is called when a session was taken, before its first message. At most one handler, set before the start.</summary>
    public event Func<ProcessSessionEventArgs, Task> SessionInitializingAsync
    {
        add { ThrowIfRunning(); _initializing.Add(value); }
        remove { ThrowIfRunning(); _initializing.Remove(value); }
    }

    /// <summary>Is called when a session is about to be let go. At most one handler, set before the start.</summary>
    public event Func<ProcessSessionEventArgs, Task> SessionClosingAsync
    {
        add { ThrowIfRunning(); _closing.Add(value); }
        remove { ThrowIfRunning(); _closing.Remove(value); }
    }
#pragma warning restore VSTHRD200

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Path of the entity.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Name in diagnostics.</summary>
    public virtual string Identifier { get; }

    /// <summary>What receiving does to a message.</summary>
    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    /// <summary>Whether a message is completed when its handler returns without having settled it.</summary>
    public virtual bool AutoCompleteMessages { get; }

    /// <summary>How long the lock of a session is renewed.</summary>
    public virtual TimeSpan MaxAutoLockRenewalDuration { get; }

    /// <summary>How long a session may have no message before it is let go; the try timeout when null.</summary>
    public virtual TimeSpan? SessionIdleTimeout { get; }

    /// <summary>Sessions that may be processed at once.</summary>
    public virtual int MaxConcurrentSessions => Volatile.Read(ref _maxConcurrentSessions);

    /// <summary>Handlers that may run at once in a session.</summary>
    public virtual int MaxConcurrentCallsPerSession => Volatile.Read(ref _maxConcurrentCallsPerSession);

    /// <summary>Messages of a session kept ready without a free handler.</summary>
    public virtual int PrefetchCount => Volatile.Read(ref _prefetchCount);

    /// <summary>From the start until the stop is done.</summary>
    public virtual bool IsProcessing => _pump is not null;

    /// <summary>Whether it was closed; it cannot be started again.</summary>
    public virtual bool IsClosed => _closed;

    internal IReadOnlyList<string> SessionIds => _sessionIds;

    /// <summary>Starts to take sessions and to call the handlers.</summary>
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
            _pump = new SessionPump(this, _client);
            _pump.SetConcurrency(MaxConcurrentSessions);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops to take sessions and to receive, signals the handlers' tokens, waits until all have returned and lets the sessions go.</summary>
    /// <param name="cancellationToken">Ends the wait, not the stop.</param>
    public virtual async Task StopProcessingAsync(CancellationToken cancellationToken = default)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_pump is { } pump)
            {
                await pump.StopAsync(cancellationToken).ConfigureAwait(false);
                pump.Dispose();
                _pump = null;
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Changes how many sessions, and how many handlers in each, may run at once, also while running: sessions taken before keep theirs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public void UpdateConcurrency(int maxConcurrentSessions, int maxConcurrentCallsPerSession)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrentSessions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrentCallsPerSession, 1);
        Volatile.Write(ref _maxConcurrentSessions, _sessionIds.Length > 0 ? _sessionIds.Length : maxConcurrentSessions);
        Volatile.Write(ref _maxConcurrentCallsPerSession, maxConcurrentCallsPerSession);
        _pump?.SetConcurrency(MaxConcurrentSessions);
    }

    /// <summary>Changes how many messages are kept ready, from the next session on.</summary>
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
    protected internal virtual Task OnProcessSessionMessageAsync(ProcessSessionMessageEventArgs args) => _message.InvokeAsync(args);

    /// <summary>Calls the error handler.</summary>
    protected internal virtual Task OnProcessErrorAsync(ProcessErrorEventArgs args) => _error.InvokeAsync(args);

    /// <summary>Calls the handler of sessions that begin.</summary>
    protected internal virtual Task OnSessionInitializingAsync(ProcessSessionEventArgs args) => _initializing.InvokeAsync(args);

    /// <summary>Calls the handler of sessions that end.</summary>
    protected internal virtual Task OnSessionClosingAsync(ProcessSessionEventArgs args) => _closing.InvokeAsync(args);

    private void ThrowIfRunning()
    {
        if (IsProcessing)
        {
            throw new InvalidOperationException("The processor is running and needs to be stopped to perform this operation.");
        }
    }
}
