using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>Cuts the peer's bytes into frames and hands each to the connection, session or link it is for. Read loop only.</summary>
internal sealed class FrameDispatcher(AmqpConnection connection)
{
    // After a frame header that makes no sense the stream cannot be cut any more.
    private bool _deaf;

    /// <summary>Bytes that must be in the buffer for the next header or frame to be taken.</summary>
    public int Needed { get; private set; } = Handshake.HeaderLength;

    /// <summary>Takes every whole header and frame at the front of the bytes.</summary>
    /// <returns>Bytes taken; the rest must come again with more behind it.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        connection.Timers.Received();
        var taken = 0;
        while (!connection.IsFinished)
        {
            if (_deaf)
            {
                return bytes.Length;
            }

            var step = connection.Handshake.ExpectsHeader ? TakeHeader(bytes[taken..]) : TakeFrame(bytes[taken..]);
            if (step == 0)
            {
                return taken;
            }

            taken += step;
        }

        return bytes.Length;
    }

    private int TakeHeader(ReadOnlySpan<byte> bytes)
    {
        Needed = Handshake.HeaderLength;
        if (bytes.Length < Handshake.HeaderLength)
        {
            return 0;
        }

        connection.Handshake.OnHeader(bytes[..Handshake.HeaderLength]);
        return Handshake.HeaderLength;
    }

    private int TakeFrame(ReadOnlySpan<byte> bytes)
    {
        Needed = FrameWriter.HeaderSize;
        if (bytes.Length < FrameWriter.HeaderSize)
        {
            return 0;
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var dataOffset = bytes[4] * 4;
        if (size < FrameWriter.HeaderSize
            || size > connection.Options.MaxFrameSize
            || dataOffset < FrameWriter.HeaderSize
            || dataOffset > size)
        {
            Unframed(
                $"Expected a frame of {FrameWriter.HeaderSize} to {connection.Options.MaxFrameSize} bytes with a data offset "
                    + $"within it, got size {size} and offset {dataOffset}.");
            return bytes.Length;
        }

        var type = bytes[5];
        var wanted = connection.Handshake.ExpectsSasl ? FrameWriter.SaslType : FrameWriter.AmqpType;
        if (type != wanted)
        {
            Unframed($"Expected a frame of type {wanted}, got type {type}.");
            return bytes.Length;
        }

        Needed = (int)size;
        if (bytes.Length < size)
        {
            return 0;
        }

        if (size > dataOffset)
        {
            TakeBody(BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]), bytes[dataOffset..(int)size]);
        }

        return (int)size;
    }

    private void TakeBody(ushort channel, ReadOnlySpan<byte> body)
    {
        var reader = new AmqpReader(body);
        if (!reader.TryReadDescriptor(out var descriptor))
        {
            Fail(AmqpCondition.DecodeError, $"Expected a performative on channel {channel}, got a frame body without a known descriptor.");
            return;
        }

        if (connection.Handshake.ExpectsSasl)
        {
            connection.Handshake.OnFrame(descriptor, ref reader);
            return;
        }

        if (connection.State == AmqpConnection.Phase.CloseSent && descriptor != Descriptor.Close)
        {
            return;
        }

        if (connection.RemoteOpen is null && descriptor is not (Descriptor.Open or Descriptor.Close))
        {
            Fail(AmqpCondition.IllegalState, $"Expected open first, got performative 0x{descriptor:x}.");
            return;
        }

        var known = true;
        var decoded = descriptor switch
        {
            Descriptor.Open => TakeOpen(ref reader),
            Descriptor.Begin => TakeBegin(channel, ref reader, body.Length),
            Descriptor.Attach => TakeAttach(channel, ref reader, body.Length),
            Descriptor.Flow => TakeFlow(channel, ref reader),
            Descriptor.Transfer => TakeTransfer(channel, ref reader),
            Descriptor.Disposition => TakeDisposition(channel, ref reader),
            Descriptor.Detach => TakeDetach(channel, ref reader),
            Descriptor.End => TakeEnd(channel, ref reader),
            Descriptor.Close => TakeClose(ref reader),
            _ => known = false,
        };
        if (!decoded)
        {
            var what = known
                ? $"Performative 0x{descriptor:x} on channel {channel} cannot be decoded."
                : $"0x{descriptor:x} on channel {channel} is no performative.";
            Fail(AmqpCondition.DecodeError, what);
        }
    }

    private bool TakeOpen(ref AmqpReader reader)
    {
        if (!Open.TryRead(ref reader, out var open) || !reader.AtEnd)
        {
            return false;
        }

        if (connection.RemoteOpen is not null)
        {
            Fail(AmqpCondition.IllegalState, "A second open came.");
            return true;
        }

        connection.RemoteOpen = open;
        if (open!.MaxFrameSize < 512)
        {
            Fail(AmqpCondition.InvalidField, $"Expected a max-frame-size of at least 512, got {open.MaxFrameSize}.");
            return true;
        }

        lock (connection.Gate)
        {
            connection.Output.MaxFrameSize = (int)Math.Min(open.MaxFrameSize, connection.Options.MaxFrameSize);
            connection.Opened();
        }

        if (connection.Handler.OnOpen(connection) is { } error)
        {
            connection.Close(error);
        }

        return true;
    }

    private bool TakeBegin(ushort channel, ref AmqpReader reader, int bytes)
    {
        if (!Begin.TryRead(ref reader, out var begin) || !reader.AtEnd)
        {
            return false;
        }

        if (channel > connection.Options.ChannelMax)
        {
            Fail(AmqpCondition.FramingError, $"Expected a channel of at most {connection.Options.ChannelMax}, got {channel}.");
            return true;
        }

        AmqpSession? session;
        lock (connection.Gate)
        {
            if (connection.Remote.TryGet(channel, out _))
            {
                session = null;
            }
            else if (begin!.RemoteChannel is { } ours)
            {
                session = connection.Local.TryGet(ours, out var waiting) && waiting.TryMatch(channel, begin) ? waiting : null;
            }
            else if (connection.Local.TryFindFree(channel, connection.Options.ChannelMax, out var free) && connection.TryHold(bytes))
            {
                session = new AmqpSession(connection, (ushort)free) { HeldBytes = bytes };
                connection.Local.Set(free, session);
                session.TryMatch(channel, begin);
                session.WriteBegin(channel);
            }
            else
            {
                session = null;
            }
        }

        if (session is null)
        {
            Fail(
                AmqpCondition.NotAllowed,
                $"The begin on channel {channel} is for a channel in use, answers no begin of ours, or is one session too many.");
            return true;
        }

        connection.Handler.OnSessionBegin(session);
        return true;
    }

    private bool TakeAttach(ushort channel, ref AmqpReader reader, int bytes)
    {
        if (!Attach.TryRead(ref reader, out var attach) || !reader.AtEnd)
        {
            return false;
        }

        if (TrySession(channel, out var session))
        {
            session.Attached.OnAttach(attach!, bytes);
        }

        return true;
    }

    private bool TakeFlow(ushort channel, ref AmqpReader reader)
    {
        if (!Flow.TryRead(ref reader, out var flow) || !reader.AtEnd)
        {
            return false;
        }

        if (TrySession(channel, out var session))
        {
            session.OnFlow(flow);
        }

        return true;
    }

    private bool TakeTransfer(ushort channel, ref AmqpReader reader)
    {
        if (!Transfer.TryRead(ref reader, out var transfer))
        {
            return false;
        }

        if (TrySession(channel, out var session))
        {
            session.Incoming.OnTransfer(transfer, reader.Rest);
        }

        return true;
    }

    private bool TakeDisposition(ushort channel, ref AmqpReader reader)
    {
        if (!Disposition.TryRead(ref reader, out var disposition) || !reader.AtEnd)
        {
            return false;
        }

        if (TrySession(channel, out var session))
        {
            session.OnDisposition(disposition);
        }

        return true;
    }

    private bool TakeDetach(ushort channel, ref AmqpReader reader)
    {
        if (!Detach.TryRead(ref reader, out var detach) || !reader.AtEnd)
        {
            return false;
        }

        if (TrySession(channel, out var session))
        {
            session.Attached.OnDetach(detach);
        }

        return true;
    }

    private bool TakeEnd(ushort channel, ref AmqpReader reader)
    {
        if (!End.TryRead(ref reader, out var end) || !reader.AtEnd)
        {
            return false;
        }

        if (TrySession(channel, out var session, evenEnding: true))
        {
            session.OnEnd(end.Error);
        }

        return true;
    }

    private bool TakeClose(ref AmqpReader reader)
    {
        if (!Close.TryRead(ref reader, out var close) || !reader.AtEnd)
        {
            return false;
        }

        connection.Closed(close.Error);
        return true;
    }

    private bool TrySession(ushort channel, out AmqpSession session, bool evenEnding = false)
    {
        AmqpSession? found;
        bool ending;
        lock (connection.Gate)
        {
            connection.Remote.TryGet(channel, out found);
            ending = found?.IsEnding ?? false;
        }

        session = found!;
        if (found is null)
        {
            Fail(AmqpCondition.NotAllowed, $"Expected a channel on which a session was begun, got channel {channel}.");
            return false;
        }

        // After our end the peer's frames are ignored until its own end. AMQP 1.0 part 2, 2.5.5.
        return !ending || evenEnding;
    }

    private void Unframed(string description)
    {
        _deaf = true;
        Fail(AmqpCondition.FramingError, description);
    }

    private void Fail(AmqpSymbol condition, string description)
    {
        if (connection.Handshake.IsDone)
        {
            connection.Close(new AmqpError(condition, description));
        }
        else
        {
            connection.Drop(new AmqpError(condition, description));
        }
    }
}
