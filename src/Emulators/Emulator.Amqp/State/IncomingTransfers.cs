using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>Deliveries a session receives: joins their frames, checks credit and sizes, and keeps what is not yet settled.</summary>
internal sealed class IncomingTransfers(AmqpSession session)
{
    // Guarded by the gate.
    private readonly Dictionary<uint, ReceivingLink> _unsettled = [];

    private AmqpConnection Connection => session.Connection;

    private Lock Gate => session.Connection.Gate;

    /// <summary>Takes one transfer frame. Read loop only.</summary>
    public void OnTransfer(in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        lock (Gate)
        {
            session.CountTransfer();
        }

        if (!session.Attached.TryRemote(transfer.Handle, out var attached)
            || attached is not ReceivingLink link
            || attached.LocalAttach is null)
        {
            var description = $"Expected a transfer on the handle of an attached sender, got handle {transfer.Handle}.";
            session.Fail(new AmqpError(AmqpCondition.UnattachedHandle, description));
            return;
        }

        if (link.DetachSent)
        {
            return;
        }

        var partial = link.Partial;
        if (partial is null)
        {
            OnFirst(link, transfer, payload);
        }
        else if (transfer.DeliveryId is { } id && id != partial.DeliveryId)
        {
            link.Fail(
                new AmqpError(AmqpCondition.IllegalState, $"Expected another frame of delivery {partial.DeliveryId}, got one of {id}."));
        }
        else
        {
            OnNext(link, partial, transfer, payload);
        }
    }

    /// <summary>The peer, as sender, told the state of deliveries. No gate held; read loop only.</summary>
    public void OnDisposition(in Disposition disposition, uint length)
    {
        if (length == 0)
        {
            OnOne(disposition.First, disposition);
            return;
        }

        List<uint> ids = [];
        lock (Gate)
        {
            foreach (var id in _unsettled.Keys)
            {
                if (unchecked(id - disposition.First) <= length)
                {
                    ids.Add(id);
                }
            }
        }

        ids.Sort();
        foreach (var id in ids)
        {
            OnOne(id, disposition);
        }
    }

    /// <summary>Gate held.</summary>
    public bool IsUnsettled(ReceivingLink link, uint deliveryId) =>
        _unsettled.TryGetValue(deliveryId, out var owner) && ReferenceEquals(owner, link);

    /// <summary>Gate held.</summary>
    public bool TrySettle(ReceivingLink link, uint deliveryId)
    {
        if (!IsUnsettled(link, deliveryId))
        {
            return false;
        }

        _unsettled.Remove(deliveryId);
        link.UnsettledCount--;
        return true;
    }

    /// <summary>Gate held.</summary>
    public void Forget(AmqpLink link)
    {
        if (link is not ReceivingLink receiver)
        {
            return;
        }

        if (receiver.UnsettledCount > 0)
        {
            foreach (var (id, owner) in _unsettled)
            {
                if (ReferenceEquals(owner, receiver))
                {
                    _unsettled.Remove(id);
                }
            }

            receiver.UnsettledCount = 0;
        }

        DropPartial(receiver);
    }

    /// <summary>Gate held.</summary>
    public void Drop() => _unsettled.Clear();

    private void OnFirst(ReceivingLink link, in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        AmqpError? violation = null;
        var id = transfer.DeliveryId.GetValueOrDefault();
        lock (Gate)
        {
            if (transfer.DeliveryId is null || transfer.DeliveryTag.Length > 32)
            {
                violation = new AmqpError(
                    AmqpCondition.InvalidField,
                    "Expected a delivery-id and a delivery-tag of at most 32 bytes on a delivery's first transfer.");
            }
            else if (_unsettled.ContainsKey(id))
            {
                violation = StillUnsettled(id);
            }
            else if (_unsettled.Count >= Connection.Options.MaxUnsettledDeliveries)
            {
                violation = new AmqpError(
                    AmqpCondition.ResourceLimitExceeded,
                    $"More than {Connection.Options.MaxUnsettledDeliveries} deliveries are unsettled.");
            }
            else if (!link.TrySpendCredit())
            {
                violation = new AmqpError(AmqpCondition.TransferLimitExceeded, "A transfer came without credit.");
            }
        }

        if (violation is not null)
        {
            link.Fail(violation);
            return;
        }

        if (transfer.Aborted)
        {
            AfterDelivery(link);
            return;
        }

        if (!transfer.More && payload.Length > link.MaxMessageSize)
        {
            Reject(link, id, transfer.Settled.GetValueOrDefault());
            return;
        }

        if (!transfer.More)
        {
            Deliver(link, new IncomingDelivery
            {
                DeliveryId = id,
                Tag = transfer.DeliveryTag,
                MessageFormat = transfer.MessageFormat.GetValueOrDefault(),
                Settled = transfer.Settled.GetValueOrDefault(),
                State = transfer.State,
                Payload = payload,
            });
            return;
        }

        var partial = new PartialDelivery(id, transfer.DeliveryTag.ToArray(), transfer.MessageFormat.GetValueOrDefault())
        {
            Settled = transfer.Settled.GetValueOrDefault(),
            State = transfer.State,
        };
        link.Partial = partial;
        TryTake(link, partial, payload);
    }

    private void OnNext(ReceivingLink link, PartialDelivery partial, in Transfer transfer, ReadOnlySpan<byte> payload)
    {
        if (transfer.Aborted)
        {
            lock (Gate)
            {
                DropPartial(link);
            }

            AfterDelivery(link);
            return;
        }

        partial.Settled |= transfer.Settled.GetValueOrDefault();
        partial.State = transfer.State ?? partial.State;
        if (!TryTake(link, partial, payload) || transfer.More)
        {
            return;
        }

        if (partial.IsRefused)
        {
            link.Partial = null;
            Reject(link, partial.DeliveryId, partial.Settled);
            return;
        }

        try
        {
            // Out of the link first, so that a detach by the handler does not return the buffer under the callback.
            link.Partial = null;
            Deliver(link, new IncomingDelivery
            {
                DeliveryId = partial.DeliveryId,
                Tag = partial.Tag,
                MessageFormat = partial.MessageFormat,
                Settled = partial.Settled,
                State = partial.State,
                Payload = partial.Payload,
            });
        }
        finally
        {
            lock (Gate)
            {
                Connection.UnfinishedBytes -= partial.Length;
            }

            partial.Dispose();
        }
    }

    /// <returns>False when the link was detached for it.</returns>
    private bool TryTake(ReceivingLink link, PartialDelivery partial, ReadOnlySpan<byte> payload)
    {
        if (!partial.IsRefused && (long)partial.Length + payload.Length <= link.MaxMessageSize)
        {
            return TryAppend(link, partial, payload);
        }

        lock (Gate)
        {
            if (!partial.IsRefused)
            {
                Connection.UnfinishedBytes -= partial.Length;
                partial.Refuse();
            }
        }

        partial.Discard(payload.Length);
        if (partial.Settled || partial.Discarded > Connection.Options.MaxDiscardedBytes)
        {
            Discard(link, TooLarge(link));
            return false;
        }

        return true;
    }

    private bool TryAppend(ReceivingLink link, PartialDelivery partial, ReadOnlySpan<byte> payload)
    {
        lock (Gate)
        {
            if (Connection.UnfinishedBytes + payload.Length <= Connection.Options.MaxUnfinishedBytes)
            {
                Connection.UnfinishedBytes += payload.Length;
                partial.Append(payload);
                return true;
            }
        }

        var description = $"Unfinished deliveries take more than {Connection.Options.MaxUnfinishedBytes} bytes.";
        Discard(link, new AmqpError(AmqpCondition.ResourceLimitExceeded, description));
        return false;
    }

    private static AmqpError TooLarge(ReceivingLink link) =>
        new(AmqpCondition.MessageSizeExceeded, $"Expected a message of at most {link.MaxMessageSize} bytes, got a larger one.");

    /// <summary>
    /// Answers a whole delivery that is over the limit. The sender of a settled one listens for no answer, so its link goes.
    /// </summary>
    private void Reject(ReceivingLink link, uint deliveryId, bool settled)
    {
        if (settled)
        {
            link.Fail(TooLarge(link));
            return;
        }

        lock (Gate)
        {
            if (link.IsOpen)
            {
                var state = new Rejected(TooLarge(link));
                Connection.Output.Disposition(
                    session.Channel, new Disposition { IsReceiver = true, First = deliveryId, Settled = true, State = state });
                Connection.Output.Wake();
            }
        }

        AfterDelivery(link);
    }

    private static AmqpError StillUnsettled(uint deliveryId) =>
        new(AmqpCondition.InvalidField, $"Delivery {deliveryId} is still unsettled.");

    private void Discard(ReceivingLink link, AmqpError error)
    {
        lock (Gate)
        {
            DropPartial(link);
        }

        link.Fail(error);
    }

    private void Deliver(ReceivingLink link, in IncomingDelivery delivery)
    {
        if (!delivery.Settled)
        {
            bool isNew;
            lock (Gate)
            {
                // A delivery of another link may have taken the id between this one's first frame and its last.
                isNew = _unsettled.TryAdd(delivery.DeliveryId, link);
                link.UnsettledCount += isNew ? 1 : 0;
            }

            if (!isNew)
            {
                link.Fail(StillUnsettled(delivery.DeliveryId));
                return;
            }
        }

        link.RaiseDelivery(delivery);
        AfterDelivery(link);
    }

    private void AfterDelivery(ReceivingLink link)
    {
        bool drained;
        lock (Gate)
        {
            link.TopUp();
            drained = link.TakeDrained();
        }

        if (drained)
        {
            link.RaiseDrained();
        }
    }

    private void OnOne(uint id, in Disposition disposition)
    {
        ReceivingLink? link;
        lock (Gate)
        {
            if (!_unsettled.TryGetValue(id, out link))
            {
                return;
            }

            if (disposition.Settled)
            {
                _unsettled.Remove(id);
                link.UnsettledCount--;
                link.TopUp();
            }
        }

        link.RaiseDisposition(id, disposition.State, disposition.Settled);
    }

    // Gate held.
    private void DropPartial(ReceivingLink link)
    {
        if (link.Partial is not { } partial) return;
        link.Partial = null;
        Connection.UnfinishedBytes -= partial.Length;
        partial.Dispose();
    }
}
