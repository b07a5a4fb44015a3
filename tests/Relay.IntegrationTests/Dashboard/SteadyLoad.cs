using Azure.Messaging.ServiceBus;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>Messages sent to a queue at a steady rate until it is disposed, each when it is due, whatever became of those before.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    // What is due is looked at that often.
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);

    // Together well under what a batch may have.
    private const int MostAtOnce = 64;

    private readonly ServiceBusSender _sender;
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Task _running;

    /// <param name="bus">The bus.</param>
    /// <param name="queue">Name of the queue.</param>
    /// <param name="perSecond">Messages a second; positive.</param>
    /// <param name="next">Makes the next, one after the other; slower than the rate, it is the rate.</param>
    /// <param name="time">Clock.</param>
    public SteadyLoad(
        ServiceBusClient bus, string queue, int perSecond, Func<CancellationToken, ValueTask<byte[]>> next, TimeProvider time)
    {
        _sender = bus.CreateSender(queue);
        _time = time;
        _began = time.GetTimestamp();
        _running = RunAsync(perSecond, next, _ending.Token);
    }

    /// <summary>Messages that the queue has.</summary>
    public int Sent { get; private set; }

    /// <summary>Of those, how many a second.</summary>
    public double PerSecond => Sent / _time.GetElapsedTime(_began).TotalSeconds;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        await _sender.DisposeAsync();
        _ending.Dispose();
    }

    private async Task RunAsync(int perSecond, Func<CancellationToken, ValueTask<byte[]>> next, CancellationToken cancellationToken)
    {
        using var beat = new PeriodicTimer(Beat, _time);
        try
        {
            while (await beat.WaitForNextTickAsync(cancellationToken))
            {
                var due = (int)(_time.GetElapsedTime(_began).TotalSeconds * perSecond);
                var batch = new List<ServiceBusMessage>();
                while (batch.Count < Math.Min(due - Sent, MostAtOnce)) batch.Add(new ServiceBusMessage(await next(cancellationToken)));
                if (batch.Count > 0) await _sender.SendMessagesAsync(batch, CancellationToken.None);
                Sent += batch.Count;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It has lasted long enough.
        }
    }
}
