using System.Globalization;
using Azure.Messaging.ServiceBus;

namespace Relay.Benchmarks.Bus;

/// <summary>The Service Bus client, one sender or receiver a link, links spread over a few clients (a client has one connection).</summary>
internal sealed class ServiceBusLoad : IBusLoad
{
    private const int LinksPerClient = 8;
    private const int SendsAtOnce = 64;
    private const int ReceiveAtOnce = 100;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly List<ServiceBusClient> _clients = [];
    private readonly List<ServiceBusSender> _senders = [];
    private readonly List<ServiceBusReceiver> _receivers = [];
    private readonly TimeProvider _time;
    private readonly byte[] _body;
    private long _sent;

    public ServiceBusLoad(string connectionString, string queue, int bytes, int links, TimeProvider time)
    {
        _time = time;
        _body = new byte[bytes];
        Random.Shared.NextBytes(_body);
        for (var link = 0; link < links; link++)
        {
            if (link % LinksPerClient == 0) _clients.Add(new ServiceBusClient(connectionString));
            _senders.Add(_clients[^1].CreateSender(queue));
            _receivers.Add(_clients[^1].CreateReceiver(queue));
        }
    }

    public async Task<TimeSpan> SendAsync(int count, CancellationToken cancellationToken)
    {
        var left = count;
        var started = _time.GetTimestamp();
        await Task.WhenAll(
            _senders.SelectMany(
                sender => Enumerable.Range(0, SendsAtOnce).Select(_ => Task.Run(SendUntilNoneLeft(sender), cancellationToken))));
        return _time.GetElapsedTime(started);

        Func<Task> SendUntilNoneLeft(ServiceBusSender sender) => async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await sender.SendMessageAsync(
                    new ServiceBusMessage(_body)
                    {
                        MessageId = Interlocked.Increment(ref _sent).ToString(CultureInfo.InvariantCulture),
                    }, cancellationToken);
            }
        };
    }

    public async Task<TimeSpan> ReceiveAsync(int count, CancellationToken cancellationToken)
    {
        var (left, unsettled) = (count, count);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var elapsed = TimeSpan.Zero;
        var started = _time.GetTimestamp();
        await Task.WhenAll(_receivers.Select(receiver => Task.Run(() => ReceiveUntilNoneLeftAsync(receiver), cancellationToken)));
        return elapsed;

        async Task ReceiveUntilNoneLeftAsync(ServiceBusReceiver receiver)
        {
            while (Volatile.Read(ref left) > 0)
            {
                var messages = await ReceiveAsync(receiver, enough.Token, cancellationToken);
                Interlocked.Add(ref left, -messages.Count);
                await Task.WhenAll(messages.Select(message => receiver.CompleteMessageAsync(message, cancellationToken)));
                if (messages.Count == 0 || Interlocked.Add(ref unsettled, -messages.Count) > 0) continue;
                elapsed = _time.GetElapsedTime(started);
                await enough.CancelAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>None when the others have got all there is.</summary>
    private static async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(
        ServiceBusReceiver receiver, CancellationToken enough, CancellationToken cancellationToken)
    {
        try
        {
            return await receiver.ReceiveMessagesAsync(ReceiveAtOnce, LongestWait, enough);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }
}
