using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>The links of a session by their handles, and how they come and go.</summary>
internal sealed class SessionLinks(AmqpSession session)
{
    private readonly SlotTable<AmqpLink> _local = new();
    private readonly SlotTable<AmqpLink> _remote = new();

    private AmqpConnection Connection => session.Connection;

    private Lock Gate => session.Connection.Gate;

    /// <summary>A link whose remote handle was attached, requests not yet answered included.</summary>
    public bool TryRemote(uint handle, [NotNullWhen(true)] out AmqpLink? link)
    {
        lock (Gate)
        {
            return _remote.TryGet(handle, out link);
        }
    }

    public List<AmqpLink> Live()
    {
        lock (Gate)
        {
            return _local.ToList().FindAll(static link => link.IsOpen);
        }
    }

    /// <summary>Gate held.</summary>
    public List<SendingLink> WithCredit()
    {
        var links = new List<SendingLink>();
        foreach (var link in _local.ToList())
        {
            if (link is SendingLink { IsOpen: true, CreditHeld: > 0 } sender)
            {
                links.Add(sender);
            }
        }

        return links;
    }

    /// <summary>Empties the tables.</summary>
    public List<AmqpLink> TakeAll()
    {
        lock (Gate)
        {
            var all = _local.ToList();
            foreach (var link in _remote.ToList())
            {
                if (!all.Contains(link))
                {
                    all.Add(link);
                }
            }

            foreach (var link in all)
            {
                Forget(link);
            }

            return all;
        }
    }

    /// <summary>Client side: takes a handle and writes the attach.</summary>
    public bool TryAttach(AmqpLink link, Attach attach)
    {
        lock (Gate)
        {
            if (!session.IsOpen || !_local.TryFindFree(0, Math.Min(session.RemoteHandleMax, Connection.Options.HandleMax), out var handle))
            {
                return false;
            }

            _local.Set(handle, link);
            link.LocalHandle = handle;
            link.WriteAttach(attach with { Handle = handle });
            Connection.Output.Wake();
            return true;
        }
    }

    public void OnAttach(Attach attach, int bytes)
    {
        if (attach.Handle > Connection.Options.HandleMax)
        {
            // AMQP 1.0 part 2, 2.7.2: a handle beyond handle-max closes the connection.
            Connection.Close(
                new AmqpError(
                    AmqpCondition.FramingError, $"Expected a handle of at most {Connection.Options.HandleMax}, got {attach.Handle}."));
            return;
        }

        AmqpLink? waiting = null;
        AttachRequest? request = null;
        AmqpError? violation = null;
        lock (Gate)
        {
            if (_remote.TryGet(attach.Handle, out _))
            {
                violation = new AmqpError(AmqpCondition.HandleInUse, $"Handle {attach.Handle} is in use.");
            }
            else if (!Connection.TryHold(bytes))
            {
                violation = new AmqpError(
                    AmqpCondition.ResourceLimitExceeded,
                    $"Links and sessions take more than {Connection.Options.MaxLinkStateBytes} bytes.");
            }
            else
            {
                waiting = _local.ToList().Find(link => link.IsAnsweredBy(attach));
                var link = waiting ?? Create(attach);
                link.HeldBytes = bytes;
                link.RemoteHandle = attach.Handle;
                link.RemoteAttach = attach;
                _remote.Set(attach.Handle, link);
                if (waiting is null)
                {
                    request = new AttachRequest(link, attach);
                    link.Request = request;
                }
            }
        }

        if (violation is not null)
        {
            session.Fail(violation);
        }
        else if (request is not null)
        {
            Connection.Handler.OnAttach(request);
        }
        else
        {
            waiting!.OnAnswered();
        }
    }

    public void OnDetach(in Detach detach)
    {
        AmqpLink? link;
        bool byPeer;
        lock (Gate)
        {
            if (_remote.TryGet(detach.Handle, out link))
            {
                byPeer = !link.DetachSent;
                if (byPeer)
                {
                    if (link.Request is { } request && request.TryTake())
                    {
                        link.TakeLocalHandle(_local);
                        link.WriteRefusal();
                    }

                    link.WriteDetach(null);
                }

                Forget(link);
            }
            else
            {
                byPeer = true;
            }
        }

        if (link is null)
        {
            session.Fail(
                new AmqpError(AmqpCondition.UnattachedHandle, $"Expected a detach for an attached handle, got handle {detach.Handle}."));
            return;
        }

        link.Dissolve(new LinkClosure(ClosureScope.Link, byPeer, byPeer ? detach.Error : link.LocalError ?? detach.Error));
    }

    /// <summary>Takes a local handle for a link of the peer's. Gate held.</summary>
    public void TakeLocalHandle(AmqpLink link) => link.TakeLocalHandle(_local);

    private AmqpLink Create(Attach attach) =>
        attach.IsReceiver ? new SendingLink(session, attach.Name) : new ReceivingLink(session, attach.Name);

    // Gate held.
    private void Forget(AmqpLink link)
    {
        if (link.LocalHandle is { } local)
        {
            _local.Remove(local, link);
        }

        if (link.RemoteHandle is { } remote)
        {
            _remote.Remove(remote, link);
        }

        Connection.ReleaseHeld(link.HeldBytes);
        link.HeldBytes = 0;
        link.IsGone = true;
        session.Outgoing.Forget(link);
        session.Incoming.Forget(link);
    }
}
