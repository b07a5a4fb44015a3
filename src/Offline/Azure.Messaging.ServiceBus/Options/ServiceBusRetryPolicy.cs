namespace Azure.Messaging.ServiceBus;

/// <summary>Decides whether and when a failed operation is tried again, and how long one try may take.</summary>
public abstract class ServiceBusRetryPolicy
{
    /// <summary>The time one try may take.</summary>
    /// <param name="attemptCount">Tries already made, from 0.</param>
    public abstract TimeSpan CalculateTryTimeout(int attemptCount);

    /// <summary>The delay before the next try, or null when there is to be none.</summary>
    /// <param name="lastException">What the last try threw.</param>
    /// <param name="attemptCount">Tries already made, from 1.</param>
    public abstract TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount);
}
