using Azure.Messaging.ServiceBus;

namespace Emulator.FunctionsHost.HostJson;

/// <summary><c>extensions.serviceBus</c>.</summary>
/// <param name="MaxAutoLockRenewalDuration"><see cref="Timeout.InfiniteTimeSpan"/> for no end, zero for never.</param>
/// <param name="MaxBatchWaitTime">For filling a batch up to <paramref name="MinMessageBatchSize"/>.</param>
/// <param name="SessionIdleTimeout">After which a session without messages is let go; null for the client's own.</param>
internal sealed record ServiceBusSettings(
    int PrefetchCount,
    bool AutoCompleteMessages,
    TimeSpan MaxAutoLockRenewalDuration,
    int MaxConcurrentCalls,
    int MaxConcurrentSessions,
    int MaxConcurrentCallsPerSession,
    int MaxMessageBatchSize,
    int MinMessageBatchSize,
    TimeSpan MaxBatchWaitTime,
    TimeSpan? SessionIdleTimeout,
    ServiceBusTransportType TransportType,
    RetrySettings Retry)
{
    /// <summary>16 calls per processor: what the extension does, whatever its documentation says.</summary>
    public static ServiceBusSettings Default { get; } = new(
        PrefetchCount: 0,
        AutoCompleteMessages: true,
        MaxAutoLockRenewalDuration: TimeSpan.FromMinutes(5),
        MaxConcurrentCalls: 16 * Environment.ProcessorCount,
        MaxConcurrentSessions: 8,
        MaxConcurrentCallsPerSession: 1,
        MaxMessageBatchSize: 1_000,
        MinMessageBatchSize: 1,
        MaxBatchWaitTime: TimeSpan.FromSeconds(30),
        SessionIdleTimeout: null,
        TransportType: ServiceBusTransportType.AmqpTcp,
        Retry: RetrySettings.Default);

    public ServiceBusProcessorOptions ToProcessorOptions(bool? autoCompleteMessages) => new()
    {
        ReceiveMode = ServiceBusReceiveMode.PeekLock,
        AutoCompleteMessages = autoCompleteMessages ?? AutoCompleteMessages,
        MaxConcurrentCalls = MaxConcurrentCalls,
        PrefetchCount = PrefetchCount,
        MaxAutoLockRenewalDuration = MaxAutoLockRenewalDuration,
    };

    public ServiceBusSessionProcessorOptions ToSessionProcessorOptions(bool? autoCompleteMessages) => new()
    {
        ReceiveMode = ServiceBusReceiveMode.PeekLock,
        AutoCompleteMessages = autoCompleteMessages ?? AutoCompleteMessages,
        MaxConcurrentSessions = MaxConcurrentSessions,
        MaxConcurrentCallsPerSession = MaxConcurrentCallsPerSession,
        PrefetchCount = PrefetchCount,
        MaxAutoLockRenewalDuration = MaxAutoLockRenewalDuration,
        SessionIdleTimeout = SessionIdleTimeout,
    };

    public ServiceBusClientOptions ToClientOptions()
    {
        var options = new ServiceBusClientOptions { TransportType = TransportType };
        options.RetryOptions.Mode = Retry.Mode;
        options.RetryOptions.MaxRetries = Retry.MaxRetries;
        options.RetryOptions.Delay = Retry.Delay;
        options.RetryOptions.MaxDelay = Retry.MaxDelay;
        options.RetryOptions.TryTimeout = Retry.TryTimeout;
        return options;
    }
}

/// <summary><c>clientRetryOptions</c>.</summary>
internal sealed record RetrySettings(ServiceBusRetryMode Mode, int MaxRetries, TimeSpan Delay, TimeSpan MaxDelay, TimeSpan TryTimeout)
{
    public static RetrySettings Default { get; } =
        new(ServiceBusRetryMode.Exponential, 3, TimeSpan.FromSeconds(0.8), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
}
