namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// What AMQP 1.0 part 2 says of a peer's frames, written from the specification
/// and nothing else: which frames must answer each, with which condition
/// and in which scope. A frame for a link that the other side detached, or
/// a session it ended, means nothing until the peer answers (2.6.4, 2.5.5).
/// </summary>
internal sealed partial class PeerModel(IFuzzNodes nodes)
{
    public const ushort ChannelMax = 7;
    public const uint HandleMax = 7;
    public const int MaxMessageSize = 2000;
    public const int MaxUnsettled = 16;

    public const string FramingError = "amqp:connection:framing-error";
    public const string DecodeError = "amqp:decode-error";
    public const string IllegalState = "amqp:illegal-state";
    public const string NotAllowed = "amqp:not-allowed";
    public const string InvalidField = "amqp:invalid-field";
    private const string HandleInUse = "amqp:session:handle-in-use";
    private const string UnattachedHandle = "amqp:session:unattached-handle";
    private const string TransferLimitExceeded = "amqp:link:transfer-limit-exceeded";
    private const string MessageSizeExceeded = "amqp:link:message-size-exceeded";
    private const string ResourceLimitExceeded = "amqp:resource-limit-exceeded";

    public Dictionary<ushort, ModelSession> Sessions { get; } = [];

    public bool IsOpen { get; private set; }

    /// <summary>One side closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The frame boundaries are lost: nothing the peer sends can mean anything.</summary>
    public bool IsLost { get; private set; }

    public List<Answer> Open(uint maxFrameSize)
    {
        if (IsClosed || IsLost)
        {
            return [];
        }

        if (IsOpen)
        {
            return Close(IllegalState);
        }

        IsOpen = true;
        List<Answer> opened = [new(WireFrame.Open, null, null, null)];
        return maxFrameSize < 512 ? [.. opened, .. Close(InvalidField)] : opened;
    }

    /// <summary>A frame that is no performative, or none of its fields' types.</summary>
    public List<Answer> Undecodable() => IsClosed || IsLost ? [] : IsOpen ? Close(DecodeError) : Close(DecodeError, IllegalState);

    /// <summary>A frame header that cannot be.</summary>
    public List<Answer> Unframed()
    {
        var answers = IsClosed || IsLost ? [] : Close(FramingError);
        IsLost = true;
        return answers;
    }

    /// <summary>Any performative but open and close before the open.</summary>
    public List<Answer> BeforeOpen() => Close(IllegalState);

    public List<Answer> Begin(ushort channel, ushort? answers)
    {
        if (IsClosed || IsLost)
        {
            return [];
        }

        if (channel > ChannelMax)
        {
            return Close(FramingError);
        }

        // The machine begins nothing, so nothing can be answered.
        if (Sessions.ContainsKey(channel) || answers is not null)
        {
            return Close(NotAllowed);
        }

        Sessions[channel] = new ModelSession(channel);
        return [new(WireFrame.Begin, Sessions[channel], null, null)];
    }

    public List<Answer> Attach(ushort channel, ModelLink link)
    {
        if (!TrySession(channel, out var session, out var answers))
        {
            return answers;
        }

        if (link.Handle > HandleMax)
        {
            return Close(FramingError);
        }

        if (!session.Links.TryAdd(link.Handle, link))
        {
            return End(session, HandleInUse);
        }

        if (nodes.IsHeld(link.Address))
        {
            return [];
        }

        link.IsAnswered = true;
        link.IsDetaching = nodes.RefusalOf(link.Address, link.IsReceiver) is not null;
        List<Answer> attached = [new(WireFrame.Attach, session, link, null)];
        return link.IsDetaching
            ? [.. attached, new(WireFrame.Detach, session, link, nodes.RefusalOf(link.Address, link.IsReceiver)!)]
            : attached;
    }

    /// <summary>The node accepts what it held.</summary>
    public List<Answer> Accept(ushort channel, string name)
    {
        var link = Sessions[channel].Links.Values.Single(link => link.Name == name);
        link.IsAnswered = true;
        return [new(WireFrame.Attach, Sessions[channel], link, null)];
    }

    public List<Answer> Transfer(
        ushort channel, uint handle, uint? id, int tagLength, byte[] payload, bool more, bool aborted, bool settled)
    {
        if (!TrySession(channel, out var session, out var answers))
        {
            return answers;
        }

        if (!session.Links.TryGetValue(handle, out var link) || link.IsReceiver || !link.IsAnswered)
        {
            return End(session, UnattachedHandle);
        }

        if (link.IsDetaching)
        {
            return [];
        }

        if (link.Partial is null)
        {
            if (Faults(session, link, id, tagLength) is { Length: > 0 } faults)
            {
                return Detach(session, link, faults);
            }

            link.Deliveries++;
            session.NextDeliveryId = unchecked(id!.Value + 1);
            link.Partial = new ModelDelivery(id.Value, link);
        }
        else if (id is not null && id != link.Partial.Id)
        {
            return Detach(session, link, IllegalState);
        }

        var delivery = link.Partial;
        if (aborted)
        {
            link.Partial = null;
            return [];
        }

        delivery.IsSettled |= settled;
        delivery.Payload.AddRange(payload);
        var isTooLarge = delivery.Payload.Count > nodes.MaxMessageSizeOf(link.Address);
        if (isTooLarge && delivery.IsSettled)
        {
            // Its sender listens to no answer.
            return Detach(session, link, MessageSizeExceeded);
        }

        if (more)
        {
            return [];
        }

        link.Partial = null;
        if (delivery.IsSettled)
        {
            return [];
        }

        // Another link's delivery may have taken the number meanwhile.
        delivery.IsComplete = true;
        delivery.Rejection = isTooLarge
            ? MessageSizeExceeded
            : nodes.RejectionOf(link.Address, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(delivery.Payload));
        return session.Unsettled.TryAdd(delivery.Id, delivery) || isTooLarge ? [] : Detach(session, link, InvalidField);
    }

    public List<Answer> Flow(ushort channel, uint? handle, uint? nextIncomingId, uint window, uint? deliveryCount, uint? credit)
    {
        if (!TrySession(channel, out var session, out var answers))
        {
            return answers;
        }

        // The machine's transfer-ids begin at 1.
        session.MostMachineTransfers = Math.Max(session.MostMachineTransfers, (nextIncomingId ?? 1) - 1L + window);
        if (handle is null)
        {
            return [];
        }

        if (!session.Links.TryGetValue(handle.Value, out var link))
        {
            return End(session, UnattachedHandle);
        }

        if (link.IsReceiver && credit is not null)
        {
            link.Allowed = Math.Max(
                link.Allowed, link.Deliveries + unchecked((int)(deliveryCount.GetValueOrDefault() - (uint)link.Deliveries)) + credit.Value);
        }

        return [];
    }

    public List<Answer> Disposition(ushort channel, bool isReceiver, uint first, uint last, bool settled)
    {
        if (!TrySession(channel, out var session, out var answers))
        {
            return answers;
        }

        // Serial numbers, RFC 1982: a range goes on past the greatest.
        var length = unchecked(last - first);
        if (length > int.MaxValue)
        {
            return End(session, InvalidField);
        }

        for (var i = 0L; i <= length; i++)
        {
            var id = unchecked(first + (uint)i);
            if (!isReceiver)
            {
                if (settled) session.Unsettled.Remove(id);
            }
            else if (settled)
            {
                session.Received.Remove(id);
            }
            else
            {
                session.Asked.Add(id);
            }
        }

        return [];
    }

    public List<Answer> Detach(ushort channel, uint handle)
    {
        if (!TrySession(channel, out var session, out var answers))
        {
            return answers;
        }

        if (!session.Links.Remove(handle, out var link))
        {
            return End(session, UnattachedHandle);
        }

        foreach (var delivery in session.Unsettled.Values.Where(delivery => delivery.Link == link).ToList())
        {
            session.Unsettled.Remove(delivery.Id);
        }

        if (link.IsDetaching)
        {
            return [];
        }

        // An attach that was never answered is answered now, for the detach to make sense.
        return link.IsAnswered
            ? [new(WireFrame.Detach, session, link, null)]
            : [new(WireFrame.Attach, session, link, null), new(WireFrame.Detach, session, link, null)];
    }

    public List<Answer> End(ushort channel)
    {
        if (IsClosed || IsLost)
        {
            return [];
        }

        if (!Sessions.Remove(channel, out var session))
        {
            return Close(NotAllowed);
        }

        return session.IsEnding ? [] : [new(WireFrame.End, session, null, null)];
    }

    /// <summary>The peer closes.</summary>
    public List<Answer> Close()
    {
        if (IsLost)
        {
            return [];
        }

        List<Answer> opened = IsOpen || IsClosed ? [] : [new(WireFrame.Open, null, null, null)];
        var answers = IsClosed ? opened : [.. opened, new(WireFrame.Close, null, null, null)];
        IsClosed = true;
        IsLost = true;
        return answers;
    }

    private static string[] Faults(ModelSession session, ModelLink link, uint? id, int tagLength)
    {
        // One transfer may be wrong in several ways; which is told is free.
        var faults = new List<string>();
        if (id is null || tagLength > 32 || session.Unsettled.ContainsKey(id.Value)) faults.Add(InvalidField);
        if (session.Unsettled.Count >= MaxUnsettled) faults.Add(ResourceLimitExceeded);
        if (link.Deliveries >= link.Allowed) faults.Add(TransferLimitExceeded);
        return [.. faults];
    }

    private bool TrySession(
        ushort channel, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModelSession? session, out List<Answer> answers)
    {
        answers = [];
        session = null;
        if (IsClosed || IsLost)
        {
            return false;
        }

        if (!Sessions.TryGetValue(channel, out session))
        {
            answers = Close(NotAllowed);
            return false;
        }

        return !session.IsEnding;
    }

    private List<Answer> Close(params string[] conditions)
    {
        List<Answer> opened = IsOpen ? [] : [new(WireFrame.Open, null, null, null)];
        IsClosed = true;
        return [.. opened, new(WireFrame.Close, null, null, conditions)];
    }

    private static List<Answer> End(ModelSession session, string condition)
    {
        session.IsEnding = true;
        return [new(WireFrame.End, session, null, condition)];
    }

    private static List<Answer> Detach(ModelSession session, ModelLink link, params string[] conditions)
    {
        link.IsDetaching = true;
        return [new(WireFrame.Detach, session, link, conditions)];
    }
}
