namespace Microsoft.Azure.Functions.Worker;

/// <summary>How often the host has run this invocation before.</summary>
public abstract class RetryContext
{
    public abstract int RetryCount { get; }

    public abstract int MaxRetryCount { get; }
}
