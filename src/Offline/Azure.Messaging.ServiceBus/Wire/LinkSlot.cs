namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Holds a link that is opened when first wanted and again after it was lost. Opening is done once for all who wait.</summary>
/// <typeparam name="TLink">The link.</typeparam>
/// <param name="open">Opens one.</param>
/// <param name="isOpen">Whether one can still be used.</param>
/// <param name="first">One that is open already, or null.</param>
internal sealed class LinkSlot<TLink>(Func<CancellationToken, Task<TLink>> open, Func<TLink, bool> isOpen, TLink? first = null) : IAsyncDisposable
    where TLink : class, IAsyncDisposable
{
    // Held while opening, so that one link is opened however many ask.
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile TLink? _current = first;
    private volatile bool _closed;

    /// <summary>The open link, or null.</summary>
    public TLink? Current => _current is { } link && isOpen(link) ? link : null;

    /// <summary>The open link, opened now if there is none.</summary>
    /// <exception cref="ObjectDisposedException">The slot was closed.</exception>
    public ValueTask<TLink> GetAsync(CancellationToken cancellationToken) => Current is { } link ? new(link) : new(OpenAsync(cancellationToken));

    /// <summary>Takes the link out for closing and lets none be opened any more.</summary>
    public async Task<TLink?> CloseAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var link = _current;
            _current = null;
            return link;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (await CloseAsync(CancellationToken.None).ConfigureAwait(false) is { } link)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<TLink> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_current is { } link)
            {
                if (isOpen(link))
                {
                    return link;
                }

                // Gone already: this only frees what it holds on this side.
                _current = null;
                await link.DisposeAsync().ConfigureAwait(false);
            }

            return _current = await open(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }
}
