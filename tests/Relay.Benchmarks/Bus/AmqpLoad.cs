using System.Globalization;
using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>
/// Emulator.Amqp as a plain AMQP 1.0 client: no Service Bus conventions, so that any broker can be at the other end. One connection a link.
/// </summary>
internal sealed class AmqpLoad : IBusLoad
{
    // Sent and not yet answered, and credit, per link. RabbitMQ gives senders less credit than this.
    private const int Window = 1000;

    private readonly List<AmqpClientConnection> _connections = [];
    private readonly List<AmqpSender> _senders = [];
    private readonly BusAddress _address;
    private readonly TimeProvider _time;
    private readonly byte[] _body;
    private long _sent;

    private AmqpLoad(BusAddress address, int bytes, TimeProvider time)
    {
        _address = address;
        _time = time;
        _body = new byte[bytes];
        Random.Shared.NextBytes(_body);
    }

    public static async Task<AmqpLoad> CreateAsync(
        BusAddress address, int bytes, int links, TimeProvider time, CancellationToken cancellationToken)
    {
        var load = new AmqpLoad(address, bytes, time);
        for (var link = 0; link < links; link++)
        {
            var connection = await AmqpClientConnection.ConnectAsync(
                new AmqpClientOptions { Host = address.Host, Port = address.Port, Plain = address.User is { } user ? (user, address.Password!) : null }, cancellationToken);
            load._connections.Add(connection);
            load._senders.Add(await connection.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = address.Node } }, cancellationToken));
        }

        return load;
    }

    public async Task<TimeSpan> SendAsync(int count, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        await Task.WhenAll(_senders.Select((sender, index) => Task.Run(() => SendAsync(sender, Share(count, index), cancellationToken), cancellationToken)));
        return _time.GetElapsedTime(started);
    }

    public async Task<TimeSpan> ReceiveAsync(int count, CancellationToken cancellationToken)
    {
        var loops = _connections.Select((_, index) => new ReceiveLoop(Share(count, index))).ToList();
        var started = _time.GetTimestamp();
        var receivers = await Task.WhenAll(
            _connections.Select((connection, index) => OpenAsync(connection, loops[index], cancellationToken)));
        await Task.WhenAll(loops.Select(loop => loop.Done)).WaitAsync(cancellationToken);

        // An orderly detach is answered after every settlement before it was taken.
        foreach (var receiver in receivers)
        {
            await receiver.CloseAsync(cancellationToken);
        }

        return _time.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    private int Share(int count, int index) => (count / _connections.Count) + (index < count % _connections.Count ? 1 : 0);

    private async Task<AmqpReceiver> OpenAsync(AmqpClientConnection connection, ReceiveLoop loop, CancellationToken cancellationToken)
    {
        var receiver = await connection.OpenReceiverAsync(
            new AmqpReceiverOptions { Source = new Source { Address = _address.Node }, OnDelivery = loop.OnDelivery }, cancellationToken);
        receiver.SetCredit((uint)Math.Min(Window, loop.Left));
        return receiver;
    }

    private async Task SendAsync(AmqpSender sender, int count, CancellationToken cancellationToken)
    {
        var outstanding = new Queue<Task<DeliveryState>>(Window);
        for (var number = 0; number < count; number++)
        {
            if (outstanding.Count == Window) await AcceptedAsync(outstanding.Dequeue());
            outstanding.Enqueue(sender.SendAsync(Encode(), 0, null, cancellationToken));
        }

        while (outstanding.TryDequeue(out var send))
        {
            await AcceptedAsync(send);
        }
    }

    private byte[] Encode() => new AmqpMessage
    {
        Header = new MessageHeader { Durable = true },
        Properties = new MessageProperties { MessageId = Interlocked.Increment(ref _sent).ToString(CultureInfo.InvariantCulture) },
        BodyKind = BodyKind.Data,
        Data = [_body],
    }.Encode();

    private static async Task AcceptedAsync(Task<DeliveryState> send)
    {
        if (await send is not Accepted) throw new CliFault($"A message was not accepted: {await send}.", "Look at the broker's log.");
    }

    /// <summary>One receiver's deliveries; all but <see cref="Done"/> belongs to its read loop.</summary>
    private sealed class ReceiveLoop(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _credit = Math.Min(Window, count);

        public int Left { get; private set; } = count;

        public Task Done => Left == 0 ? Task.CompletedTask : _done.Task;

        public void OnDelivery(AmqpReceiver receiver, in IncomingDelivery delivery)
        {
            receiver.SettleNow(delivery.DeliveryId, Accepted.Instance);
            Left--;
            _credit--;
            if (_credit <= Window / 2 && _credit < Left)
            {
                var more = Math.Min(Window, Left) - _credit;
                _credit += more;
                receiver.AddCredit((uint)more);
            }

            if (Left == 0) _done.TrySetResult();
        }
    }
}
