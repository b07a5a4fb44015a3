namespace Relay.Client.Prekeys;

/// <summary>
/// Looks after a delegation's prekeys in the background: at once, and every minute from then on. The owner starts it and disposes it.
/// </summary>
/// <remarks>A store that cannot go on ends it: nothing is published from one that is an old copy, however often it is tried.</remarks>
public sealed class PrekeyKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly PrekeyPublisher _publisher;
    private readonly Func<PrekeyStatus, ValueTask> _told;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;

    /// <param name="publisher">Publishes; nobody else calls it meanwhile.</param>
    /// <param name="told">Is told where things stand, each time.</param>
    /// <param name="time">The clock.</param>
    public PrekeyKeeper(PrekeyPublisher publisher, Func<PrekeyStatus, ValueTask> told, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        ArgumentNullException.ThrowIfNull(told);
        ArgumentNullException.ThrowIfNull(time);
        (_publisher, _told, _time) = (publisher, told, time);
    }

    /// <summary>Begins.</summary>
    public void Start() => _run = RunAsync();

    /// <summary>Stops; a bundle that is under way goes out with the next process, the same.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _told(await _publisher.MaintainAsync(_stopping.Token).ConfigureAwait(false)).ConfigureAwait(false);
                await Task.Delay(Every, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It is over.
        }
        catch (PrekeyStoreException e)
        {
            await _told(new PrekeyStatus(0, null, null, IsNew: false, e.Message)).ConfigureAwait(false);
        }
    }
}
