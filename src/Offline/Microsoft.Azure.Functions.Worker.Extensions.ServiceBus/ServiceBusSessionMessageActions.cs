namespace Microsoft.Azure.Functions.Worker;

/// <summary>The session of an invocation's messages. This base does nothing: a host or a test overrides what it supports.</summary>
public class ServiceBusSessionMessageActions
{
    protected ServiceBusSessionMessageActions()
    {
    }

    public virtual DateTimeOffset SessionLockedUntil { get; protected set; }

    /// <returns>Empty data where the session has no state.</returns>
    public virtual Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default) => throw NoHost();

    public virtual Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) => throw NoHost();

#pragma warning disable VSTHRD200 // The official name has no Async suffix.
    public virtual Task ReleaseSession(CancellationToken cancellationToken = default) => throw NoHost();
#pragma warning restore VSTHRD200

    public virtual Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => throw NoHost();

    private static NotSupportedException NoHost() => new("Only a host has a session: derive from this class and override the member.");
}
