using System.Threading.Channels;

namespace Relay.Cli.Watching;

/// <summary>Reads, draws and obeys keys, until <c>q</c> or Ctrl-C.</summary>
internal sealed class TopLoop(ITopSource source, TimeSpan every, TimeProvider time)
{
    // One is enough: it says that another negotiation is looked into than the last round was read for.
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile string? _inside;

    /// <summary>Runs it on this process's terminal.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var terminal = new TopTerminal();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var state = new TopState();
        var reading = source.ReadAsync(null, ended.Token);
        try
        {
            terminal.Draw(state);
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
                    if (_inside != state.InsideName)
                    {
                        _inside = state.InsideName;
                        _wanted.Writer.TryWrite(true);
                    }
                    key = terminal.Events.ReadAsync(ended.Token).AsTask();
                }
                terminal.Draw(state);
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

    private async Task<TopFigures> NextAsync(CancellationToken cancellationToken)
    {
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            await Task.WhenAny(Task.Delay(every, time, over.Token), _wanted.Reader.WaitToReadAsync(over.Token).AsTask());
            await over.CancelAsync();
        }
        cancellationToken.ThrowIfCancellationRequested();
        _wanted.Reader.TryRead(out _);
        return await source.ReadAsync(_inside, cancellationToken);
    }
}
