using Azure.Messaging.ServiceBus;

namespace Relay.Benchmarks.Pressure;

/// <summary>Puts envelopes on queues: all at once, or each when it is due.</summary>
internal sealed class QueueLoad(ServiceBusClient bus, TimeProvider time)
{
    private const int SendAtOnce = 64;

    /// <summary>Sends them in order as fast as the queue takes them.</summary>
    public async Task SendAsync(string queue, IEnumerable<PressedEnvelope> envelopes, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender(queue);
        foreach (var some in envelopes.Chunk(SendAtOnce))
        {
            await sender.SendMessagesAsync(some.Select(static envelope => new ServiceBusMessage(envelope.Wire)), cancellationToken);
        }
    }

    /// <summary>Sends each when it is due at a steady rate, whatever became of those before.</summary>
    /// <returns>When each was due.</returns>
    public async Task<List<DateTimeOffset>> SendSteadilyAsync(
        string queue, IReadOnlyList<PressedEnvelope> envelopes, int perSecond, CancellationToken cancellationToken)
    {
        await using var sender = bus.CreateSender(queue);
        var started = time.GetUtcNow();
        var (due, sends) = (new List<DateTimeOffset>(envelopes.Count), new List<Task>(envelopes.Count));
        foreach (var envelope in envelopes)
        {
            due.Add(started + due.Count * TimeSpan.FromSeconds(1) / perSecond);
            while (time.GetUtcNow() < due[^1]) await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellationToken);
            sends.Add(sender.SendMessageAsync(new ServiceBusMessage(envelope.Wire), cancellationToken));
        }

        await Task.WhenAll(sends);
        return due;
    }
}
