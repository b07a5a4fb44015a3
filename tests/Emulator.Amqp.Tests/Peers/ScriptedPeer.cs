using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Peers;

/// <summary>
/// Drives one connection machine without a socket: feeds it frames written by hand and collects the frames it answers with.
/// </summary>
internal sealed class ScriptedPeer
{
    private byte[] _unread = [];

    public ScriptedPeer(IConnectionHandler handler, AmqpConnectionOptions? options = null)
    {
        Connection = new AmqpConnection(options ?? new AmqpConnectionOptions(), isServer: true, "script") { Handler = handler };
    }

    public AmqpConnection Connection { get; }

    public List<object> Frames { get; } = [];

    /// <summary>Up to the exchange of opens, and one session on channel 0.</summary>
    public ScriptedPeer Begun(uint incomingWindow = 5000, uint maxFrameSize = 65536)
    {
        Feed("AMQP\x03\x01\x00\x00"u8);
        Send(FrameWriter.SaslType, 0, writer => new SaslInit("ANONYMOUS", null, null).Write(writer));
        Feed("AMQP\x00\x01\x00\x00"u8);
        Send(0, writer => new Open { ContainerId = "script", MaxFrameSize = maxFrameSize }.Write(writer));
        Send(0, writer => new Begin { NextOutgoingId = 0, IncomingWindow = incomingWindow, OutgoingWindow = 5000 }.Write(writer));
        Read();
        Frames.Clear();
        return this;
    }

    public void AttachSender(string address, uint handle = 0, string? name = null) => Send(0, writer => new Attach
    {
        Name = name ?? $"sender-{handle}",
        Handle = handle,
        Source = new Source(),
        Target = new Target { Address = address },
        InitialDeliveryCount = 0,
    }.Write(writer));

    public void AttachReceiver(string address, uint handle = 0) => Send(0, writer => new Attach
    {
        Name = $"receiver-{handle}",
        Handle = handle,
        IsReceiver = true,
        RcvSettleMode = 1,
        Source = new Source { Address = address },
        Target = new Target(),
    }.Write(writer));

    public void Flow(
        uint? nextIncomingId,
        uint window,
        uint? handle = null,
        uint? deliveryCount = null,
        uint? credit = null,
        bool drain = false,
        bool echo = false) =>
        Send(0, writer => new Flow
        {
            NextIncomingId = nextIncomingId,
            IncomingWindow = window,
            OutgoingWindow = 5000,
            Handle = handle,
            DeliveryCount = deliveryCount,
            LinkCredit = credit,
            Drain = drain,
            Echo = echo,
        }.Write(writer));

    public void Transfer(
        uint handle, uint? id, byte[] payload, bool more = false, bool aborted = false, bool? settled = null) => Send(0, writer =>
    {
        new Transfer
        {
            Handle = handle,
            DeliveryId = id,
            DeliveryTag = [1],
            HasTag = id is not null,
            MessageFormat = 0,
            More = more,
            Aborted = aborted,
            Settled = settled,
        }.Write(writer);
        writer.WriteRaw(payload);
    });

    public void TellState(uint first, uint last, DeliveryState state, bool settled = false, bool asReceiver = true) =>
        Send(
            0,
            writer => new Disposition
            {
                IsReceiver = asReceiver,
                First = first,
                Last = last,
                State = state,
                Settled = settled,
            }.Write(writer));

    public void Send(ushort channel, Action<AmqpWriter> body) => Send(FrameWriter.AmqpType, channel, body);

    public void Send(byte type, ushort channel, Action<AmqpWriter> body)
    {
        using var writer = new AmqpWriter();
        var start = FrameWriter.Begin(writer, type, channel);
        body(writer);
        FrameWriter.End(writer, start);
        Feed(writer.WrittenSpan);
    }

    /// <summary>Gives the machine bytes as a transport would: what it did not take comes again with the next.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        byte[] all = [.. _unread, .. bytes];
        var taken = Connection.Dispatcher.Receive(all);
        _unread = all[taken..];
    }

    /// <summary>Adds what the machine wrote to <see cref="Frames"/> and returns the last frame.</summary>
    public object? Read()
    {
        while (true)
        {
            var taken = new AmqpWriter();
            lock (Connection.Gate)
            {
                if (!Connection.Output.TryTake(ref taken))
                {
                    break;
                }
            }

            Parse(taken.WrittenSpan);
            taken.Dispose();
        }

        Connection.ContinueOutgoing();
        Connection.NotifyBlocked();
        return Frames.LastOrDefault();
    }

    public List<T> Take<T>()
    {
        Read();
        var taken = Frames.OfType<T>().ToList();
        Frames.Clear();
        return taken;
    }

    private void Parse(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (bytes[0] == 'A')
            {
                Frames.Add(bytes[..8].ToArray());
                bytes = bytes[8..];
                continue;
            }

            var size = BinaryPrimitives.ReadInt32BigEndian(bytes);
            var frame = bytes[..size];
            bytes = bytes[size..];
            if (size == FrameWriter.HeaderSize)
            {
                Frames.Add("heartbeat");
                continue;
            }

            var reader = new AmqpReader(frame[8..]);
            Assert.True(reader.TryReadDescriptor(out var descriptor));
            if (descriptor == Descriptor.Transfer)
            {
                Assert.True(Emulator.Amqp.Framing.Transfer.TryRead(ref reader, out var transfer));
                Frames.Add(
                    new SentTransfer(size, transfer.Handle, transfer.DeliveryId, transfer.More, transfer.Settled, reader.Rest.ToArray()));
                continue;
            }

            Assert.True(FrameRoundTrip.TryRewrite(frame, out _, out var performative));
            Frames.Add(performative!);
        }
    }

    internal sealed record SentTransfer(int FrameSize, uint Handle, uint? DeliveryId, bool More, bool? Settled, byte[] Payload);
}
