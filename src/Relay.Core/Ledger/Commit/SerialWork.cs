namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Works off what its owner has waiting, one piece after another on the
/// ledger's scheduler: begins when something comes, ends when nothing is left.
/// </summary>
/// <param name="gate">Guards what waits and whether a run is under way, so that nothing is left lying between the two.</param>
/// <param name="scheduler">Where it runs.</param>
/// <param name="take">Takes the next piece; null when nothing is left. Called under the gate.</param>
/// <param name="work">Works off a piece; does not throw.</param>
internal sealed class SerialWork<T>(Lock gate, LedgerScheduler scheduler, Func<T?> take, Func<T, Task> work)
    where T : class
{
    private Task? _run;

    /// <summary>Ends when nothing waits any more; null while there is nothing to do.</summary>
    public Task? Run
    {
        get
        {
            lock (gate)
            {
                return _run;
            }
        }
    }

    /// <summary>Something waits now. To be called under the gate; the scheduler never runs anything inside this call.</summary>
    public void Start() => _run ??= scheduler.StartAsync(RunAsync);

    private async Task RunAsync()
    {
        while (true)
        {
            T? next;
            lock (gate)
            {
                next = take();
                if (next is null)
                {
                    _run = null;
                    return;
                }
            }

            await work(next).ConfigureAwait(false);
        }
    }
}
