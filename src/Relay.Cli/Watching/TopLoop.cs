namespace Relay.Cli.Watching;

/// <summary>Reads, draws and obeys keys, until <c>q</c> or Ctrl-C.</summary>
internal sealed class TopLoop(IReadOnlyList<TopReader> readers, TimeSpan every, TimeProvider time)
{
    /// <summary>Runs it on this process's terminal.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var terminal = new TopTerminal();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var state = new TopState();
        var reading = ReadAsync(ended.Token);
        try
        {
            terminal.Draw(state, time.GetUtcNow());
            var key = terminal.Events.ReadAsync(ended.Token).AsTask();
            while (true)
            {
                await Task.WhenAny(key, reading);
                if (reading.IsCompleted)
                {
                    state.Take(await reading);
                    reading = NextAsync(ended.Token);
                }
                if (key.IsCompleted)
                {
                    if (await key is { } pressed && !state.Press(pressed)) return;
                    key = terminal.Events.ReadAsync(ended.Token).AsTask();
                }
                terminal.Draw(state, time.GetUtcNow());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is a way to end it.
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<IReadOnlyList<TopLedger>> NextAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(every, time, cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<TopLedger>> ReadAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(readers.Select(reader => reader.ReadAsync(cancellationToken)));
}
