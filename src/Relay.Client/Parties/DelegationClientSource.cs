using Azure.Messaging.ServiceBus;

namespace Relay.Client.Parties;

/// <summary>
/// Opens a delegation's client when it is first asked for, and hands out that one: what a container registers as a singleton. An opening
/// that failed is tried again by the next who asks. Safe for concurrent use; the owner disposes it, and with it the client.
/// </summary>
/// <param name="bus">The delegation's Service Bus.</param>
/// <param name="options">Who it is and whom it trusts.</param>
public sealed class DelegationClientSource(ServiceBusClient bus, DelegationClientOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private DelegationClient? _client;
    private bool _disposed;

    /// <summary>The client.</summary>
    /// <exception cref="ObjectDisposedException">The source is disposed.</exception>
    public async ValueTask<DelegationClient> GetAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _client ??= await DelegationClient.OpenAsync(bus, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_client is not null && !_disposed) await _client.DisposeAsync().ConfigureAwait(false);
            _disposed = true;
        }
        finally
        {
            _opening.Release();
        }
    }
}
