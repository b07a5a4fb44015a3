using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Relay.Azure.Tests.Bus;

/// <summary>A bus that remembers what was sent, or fails, or never answers.</summary>
internal sealed class FakeBus : ServiceBusClient
{
    private int _senders;

    public ConcurrentQueue<(string Entity, ServiceBusMessage Message)> Sent { get; } = new();

    public Exception? Failure { get; set; }

    public bool Hang { get; set; }

    public int Senders => _senders;

    public override ServiceBusSender CreateSender(string queueOrTopicName)
    {
        Interlocked.Increment(ref _senders);
        return new Sender(this, queueOrTopicName);
    }

    private sealed class Sender(FakeBus bus, string entity) : ServiceBusSender
    {
        public override async Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
        {
            if (bus.Hang) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            if (bus.Failure is not null) throw bus.Failure;
            bus.Sent.Enqueue((entity, message));
        }

#pragma warning disable CA2215 // The base would close a link that a fake never opened.
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
#pragma warning restore CA2215
    }
}
