using System.Buffers;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>
/// Deliveries a session sends: delivery-ids, frames within the peer's window
/// and frame size, and what is not yet settled. Guarded by the gate.
/// </summary>
internal sealed class OutgoingTransfers(AmqpSession session)
{
    private readonly Dictionary<uint, Entry> _unsettled = [];
    private uint _nextDeliveryId;
    private Rest? _rest;

    private readonly record struct Entry(SendingLink Link, object? Context);

    /// <summary>
    /// What is left of a delivery whose first frames are out. At most one per session: nothing else is sent before it is done.
    /// </summary>
    private sealed record Rest(SendingLink Link, byte[] Buffer, int Length)
    {
        public int Sent { get; set; }
    }

    public uint NextOutgoingId { get; set; }

    public uint RemoteIncomingWindow { get; set; }

    private AmqpConnection Connection => session.Connection;

    private ConnectionOutput Output => session.Connection.Output;

    /// <summary>Takes a delivery if its first frame can go now.</summary>
    public bool TrySend(SendingLink link, in OutgoingDelivery delivery, in PayloadParts payload, out uint deliveryId)
    {
        deliveryId = 0;
        if (_rest is not null || RemoteIncomingWindow == 0 || Output.IsCongested
            || (!delivery.Settled && _unsettled.Count >= Connection.Options.MaxUnsettledDeliveries))
        {
            return false;
        }

        deliveryId = _nextDeliveryId;
        _nextDeliveryId = unchecked(_nextDeliveryId + 1);
        if (!delivery.Settled)
        {
            _unsettled.Add(deliveryId, new Entry(link, delivery.Context));
            link.UnsettledCount++;
        }

        var transfer = new Transfer
        {
            Handle = link.LocalHandle!.Value,
            DeliveryId = deliveryId,
            DeliveryTag = delivery.Tag,
            HasTag = true,
            MessageFormat = delivery.MessageFormat,
            Settled = delivery.Settled,
            State = delivery.State,
        };
        var sent = WriteFrame(transfer, payload, 0);
        if (sent < payload.Length)
        {
            Keep(link, payload, sent);
        }

        return true;
    }

    /// <summary>Sends on with the delivery that stopped for window or output.</summary>
    public void Continue()
    {
        if (_rest is not { } rest || !session.IsOpen)
        {
            return;
        }

        if (!rest.Link.IsOpen)
        {
            DropRest();
            return;
        }

        var payload = new PayloadParts(rest.Buffer.AsSpan(0, rest.Length), [], []);
        rest.Sent = WriteMore(rest.Link, payload, rest.Sent);
        if (rest.Sent == rest.Length)
        {
            DropRest();
            rest.Link.Finished();
        }
    }

    public bool IsUnfinished(SendingLink link) => ReferenceEquals(_rest?.Link, link);

    /// <summary>Takes the peer's view of the window.</summary>
    /// <returns>True when it reopened for new deliveries.</returns>
    public bool OnWindow(in Flow flow)
    {
        var wasClosed = RemoteIncomingWindow == 0 || _rest is not null;

        // Frames under way when the peer wrote its flow count against the window. AMQP 1.0 part 2, 2.5.6.
        var underWay = flow.NextIncomingId is { } next ? unchecked((int)(NextOutgoingId - next)) : 0;
        RemoteIncomingWindow = underWay <= 0
            ? flow.IncomingWindow
            : flow.IncomingWindow > (uint)underWay
            ? flow.IncomingWindow - (uint)underWay
            : 0;
        Continue();
        Output.Wake();
        return wasClosed && RemoteIncomingWindow > 0 && _rest is null;
    }

    public bool TrySettle(SendingLink link, uint deliveryId)
    {
        if (!_unsettled.TryGetValue(deliveryId, out var entry) || !ReferenceEquals(entry.Link, link))
        {
            return false;
        }

        _unsettled.Remove(deliveryId);
        link.UnsettledCount--;
        return true;
    }

    /// <summary>The peer, as receiver, told the state of deliveries. No gate held; read loop only.</summary>
    public void OnDisposition(in Disposition disposition, uint length)
    {
        if (length == 0)
        {
            OnOne(disposition.First, disposition);
        }
        else
        {
            foreach (var id in InRange(disposition.First, length))
            {
                OnOne(id, disposition);
            }
        }

        Connection.NotifyBlocked();
    }

    public void Forget(AmqpLink link)
    {
        if (link is not SendingLink sender)
        {
            return;
        }

        if (sender.UnsettledCount > 0)
        {
            foreach (var (id, entry) in _unsettled)
            {
                if (ReferenceEquals(entry.Link, sender))
                {
                    _unsettled.Remove(id);
                }
            }

            sender.UnsettledCount = 0;
        }

        if (ReferenceEquals(_rest?.Link, sender))
        {
            DropRest();
        }
    }

    public void Drop()
    {
        _unsettled.Clear();
        DropRest();
    }

    private void OnOne(uint id, in Disposition disposition)
    {
        Entry entry;
        lock (session.Connection.Gate)
        {
            if (!_unsettled.TryGetValue(id, out entry))
            {
                if (!disposition.Settled)
                {
                    // Silence would leave the peer waiting; with not-found .NET clients fall back to their management link.
                    Output.Disposition(session.Channel, new Disposition { First = id, Settled = true, State = UnknownDelivery });
                }

                return;
            }

            if (disposition.Settled)
            {
                _unsettled.Remove(id);
                entry.Link.UnsettledCount--;
            }
        }

        entry.Link.RaiseDisposition(new OutgoingDisposition(id, entry.Context, disposition.State, disposition.Settled));
    }

    private static readonly Rejected UnknownDelivery = new(
        new AmqpError(AmqpCondition.NotFound, "The delivery is not known or was settled before."));

    // A peer may name 2^31 deliveries in one range: no more are walked than there are, or could be.
    private List<uint> InRange(uint first, uint length)
    {
        var ids = new List<uint>();
        lock (session.Connection.Gate)
        {
            if (length <= (uint)Connection.Options.MaxUnsettledDeliveries)
            {
                for (uint i = 0; i <= length; i++)
                {
                    ids.Add(unchecked(first + i));
                }

                return ids;
            }

            foreach (var id in _unsettled.Keys)
            {
                if (unchecked(id - first) <= length)
                {
                    ids.Add(id);
                }
            }
        }

        ids.Sort((left, right) => unchecked(left - first).CompareTo(unchecked(right - first)));
        return ids;
    }

    private int WriteMore(SendingLink link, in PayloadParts payload, int sent)
    {
        while (sent < payload.Length && RemoteIncomingWindow > 0 && !Output.IsCongested)
        {
            sent = WriteFrame(new Transfer { Handle = link.LocalHandle!.Value }, payload, sent);
        }

        if (sent < payload.Length && Output.IsCongested)
        {
            Connection.NoteStalled();
        }

        return sent;
    }

    private void Keep(SendingLink link, in PayloadParts payload, int sent)
    {
        sent = WriteMore(link, payload, sent);
        if (sent == payload.Length)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(payload.Length - sent);
        payload.CopyTo(buffer.AsSpan(0, payload.Length - sent), sent);
        _rest = new Rest(link, buffer, payload.Length - sent);
    }

    /// <returns>Payload bytes sent in all.</returns>
    private int WriteFrame(Transfer transfer, in PayloadParts payload, int sent)
    {
        var writer = Output.Begin(FrameWriter.AmqpType, session.Channel, out var start);
        var left = payload.Length - sent;
        transfer.Write(writer);
        if (writer.Length - start + left > Output.MaxFrameSize)
        {
            writer.Truncate(start + FrameWriter.HeaderSize);
            transfer.More = true;
            transfer.Write(writer);
        }

        // A delivery-state may fill the frame; then the next one carries payload.
        var count = Math.Min(left, Math.Max(Output.MaxFrameSize - (writer.Length - start), 0));
        payload.CopyTo(writer.Take(count), sent);
        Output.End(start);
        NextOutgoingId = unchecked(NextOutgoingId + 1);
        RemoteIncomingWindow--;
        return sent + count;
    }

    private void DropRest()
    {
        if (_rest is { } rest)
        {
            _rest = null;
            ArrayPool<byte>.Shared.Return(rest.Buffer);
        }
    }
}
