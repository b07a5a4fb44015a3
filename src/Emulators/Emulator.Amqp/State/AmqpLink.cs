using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>One link. Members may be called from any thread.</summary>
public abstract class AmqpLink
{
    private bool _dissolved;

    private protected AmqpLink(AmqpSession session, string name)
    {
        Session = session;
        Name = name;
    }

    /// <summary>Its session.</summary>
    public AmqpSession Session { get; }

    /// <summary>Its name, unique with its role between the two containers.</summary>
    public string Name { get; }

    /// <summary>The peer's attach frame; null until it arrived.</summary>
    public Attach? RemoteAttach { get; internal set; }

    /// <summary>Our attach frame; null until it was sent.</summary>
    public Attach? LocalAttach { get; private set; }

    /// <summary>True from the exchange of attaches until either side detaches.</summary>
    public bool IsOpen =>
        LocalAttach is not null && RemoteAttach is not null && !DetachSent && !IsGone && !Session.IsEnding && Session.Connection.IsOpen;

    /// <summary>The peer's max-message-size in bytes; <see cref="long.MaxValue"/> when it has none.</summary>
    public long RemoteMaxMessageSize => RemoteAttach?.MaxMessageSize is { } size and > 0 and < long.MaxValue ? (long)size : long.MaxValue;

    /// <summary>For the handler's own use.</summary>
    public object? Context { get; set; }

    internal Lock Gate => Session.Connection.Gate;

    internal uint? LocalHandle { get; set; }

    internal uint? RemoteHandle { get; set; }

    internal int HeldBytes { get; set; }

    internal AttachRequest? Request { get; set; }

    internal AmqpError? LocalError { get; private set; }

    internal bool DetachSent { get; private set; }

    /// <summary>Both sides detached, or session or connection ended.</summary>
    internal bool IsGone { get; set; }

    private protected abstract bool IsSender { get; }

    /// <summary>Detaches with closed = true; later calls do nothing. The handler's OnDetached follows when the peer answered.</summary>
    /// <param name="error">Null for an orderly detach.</param>
    public void Detach(AmqpError? error = null)
    {
        lock (Gate)
        {
            if (LocalAttach is null || DetachSent || IsGone || Session.IsEnding || Session.Connection.State != AmqpConnection.Phase.Open)
            {
                return;
            }

            LocalError = error;
            WriteDetach(error);
            Session.Connection.Output.Wake();
        }
    }

    /// <summary>Detaches for a violation by the peer, and tells the handler at once: it may never answer. Read loop only.</summary>
    internal void Fail(AmqpError error)
    {
        Detach(error);
        Dissolve(new LinkClosure(ClosureScope.Link, ByPeer: false, error));
    }

    internal bool IsAnsweredBy(Attach attach) =>
        RemoteAttach is null && LocalAttach is not null && attach.Name == Name && attach.IsReceiver == IsSender;

    /// <summary>The answer to our attach came. Read loop only.</summary>
    internal void OnAnswered()
    {
        // An answer without the terminus of its own side is a refusal; its detach follows. AMQP 1.0 part 2, 2.6.3.
        var attach = RemoteAttach!;
        if ((attach.IsReceiver ? attach.Target is not null : attach.Source is not null) && !DetachSent)
        {
            RaiseOpened();
        }
    }

    internal void TakeLocalHandle(SlotTable<AmqpLink> local)
    {
        // As many handles are local as remote, and the peer's are bounded, so one is always free.
        local.TryFindFree(RemoteHandle!.Value, uint.MaxValue, out var handle);
        local.Set(handle, this);
        LocalHandle = handle;
    }

    internal void WriteAttach(Attach attach)
    {
        LocalAttach = attach;
        var writer = Session.Connection.Output.Begin(FrameWriter.AmqpType, Session.Channel, out var start);
        attach.Write(writer);
        Session.Connection.Output.End(start);
    }

    /// <summary>An attach with neither source nor target. Gate held; the caller writes the detach behind it.</summary>
    internal void WriteRefusal() => WriteAttach(new Attach
    {
        Name = Name,
        Handle = LocalHandle!.Value,
        IsReceiver = !IsSender,
        SndSettleMode = RemoteAttach!.SndSettleMode,
        RcvSettleMode = RemoteAttach.RcvSettleMode,
        InitialDeliveryCount = IsSender ? 0u : null,
    });

    internal void WriteDetach(AmqpError? error)
    {
        DetachSent = true;
        var writer = Session.Connection.Output.Begin(FrameWriter.AmqpType, Session.Channel, out var start);
        new Detach(LocalHandle!.Value, Closed: true, error).Write(writer);
        Session.Connection.Output.End(start);
        Session.Connection.Output.Wake();
    }

    internal void Dissolve(in LinkClosure closure)
    {
        if (_dissolved)
        {
            return;
        }

        _dissolved = true;
        if (Request is { } request && (LocalAttach is null || request.IsAbandoned || request.WasRefused))
        {
            if (!request.WasRefused)
            {
                request.TryTake();
                Session.Connection.Handler.OnAttachAbandoned(request);
            }

            return;
        }

        RaiseDetached(closure);
    }

    internal abstract void OnFlow(in Flow flow);

    internal abstract void FillFlow(ref Flow flow);

    private protected abstract void RaiseOpened();

    private protected abstract void RaiseDetached(in LinkClosure closure);
}
