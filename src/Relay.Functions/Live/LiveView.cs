namespace Relay.Functions.Live;

/// <summary>One viewer's look at a feed; dispose it.</summary>
internal sealed class LiveView(LiveFeed feed, Action closed) : IDisposable
{
    private bool _isOver;

    /// <inheritdoc cref="LiveFeed.NextAsync"/>
    public ValueTask<LiveEvent> NextAsync(string? id, CancellationToken cancellationToken) => feed.NextAsync(id, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isOver, true)) closed();
    }
}
