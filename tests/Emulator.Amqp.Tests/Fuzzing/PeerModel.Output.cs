namespace Emulator.Amqp.Tests.Fuzzing;

/// <content>What the machine may write: the answers that are due, in order, and
/// flows, transfers and dispositions within the limits the peer set.</content>
internal sealed partial class PeerModel
{
    private const ulong Accepted = 0x24;
    private const ulong Rejected = 0x25;

    // By the machine's channels, until it ends them.
    private readonly Dictionary<ushort, ModelSession> _answered = [];
    private bool _hasMachineClosed;

    /// <summary>Largest frame the peer takes.</summary>
    public uint PeerMaxFrameSize { get; set; } = 512;

    public void Check(IReadOnlyList<WireFrame> frames, List<Answer> due)
    {
        var matched = 0;
        foreach (var frame in frames.Where(frame => frame.Descriptor is not (0 or WireFrame.SaslOutcome or 0x40)))
        {
            Assert.False(_hasMachineClosed, $"Frame 0x{frame.Descriptor:x} came after close.");
            Assert.True(
                frame.Size <= Math.Max(512, PeerMaxFrameSize),
                $"A frame of {frame.Size} bytes came to a peer that takes {PeerMaxFrameSize}.");
            switch (frame.Descriptor)
            {
                case WireFrame.Flow: OnFlow(Session(frame), frame); continue;
                case WireFrame.Transfer: OnTransfer(Session(frame), frame); continue;
                case WireFrame.Disposition: OnDisposition(Session(frame), frame); continue;
            }

            Assert.True(matched < due.Count, $"0x{frame.Descriptor:x} came with {Error(frame)}, and nothing was due.");
            Match(frame, due[matched], matched + 1 < due.Count ? due[matched + 1] : null);
            matched++;
        }

        Assert.True(matched == due.Count, $"Due was {string.Join(", ", due.Skip(matched))}.");
        CheckNothingIsOwed();
    }

    private static string? Error(WireFrame frame) =>
        frame.Descriptor switch { WireFrame.Detach => frame.Error(2), WireFrame.End or WireFrame.Close => frame.Error(0), _ => null };

    private ModelSession Session(WireFrame frame)
    {
        Assert.True(
            _answered.TryGetValue(frame.Channel, out var session),
            $"Frame 0x{frame.Descriptor:x} came on channel {frame.Channel}, where there is no session.");
        return session;
    }

    private void Match(WireFrame frame, Answer answer, Answer? next)
    {
        Assert.True(frame.Descriptor == answer.Descriptor, $"0x{frame.Descriptor:x} came with {Error(frame)}, and due was {answer}.");
        switch (frame.Descriptor)
        {
            case WireFrame.Begin:
                Assert.Equal(answer.Session!.Channel, frame.Fields[0]);
                Assert.True(_answered.TryAdd(frame.Channel, answer.Session), "A channel in use was begun.");
                break;
            case WireFrame.Attach:
                OnAttach(Session(frame), frame, answer, next);
                break;
            case WireFrame.Detach:
                Assert.Same(answer.Session, Session(frame));
                Assert.True(
                    answer.Session!.Answered.Remove(frame.UInt(0).GetValueOrDefault(), out var link) && link == answer.Link,
                    $"The wrong link was detached: due was {answer}.");
                Assert.True(frame.Bool(1), "A link was detached without being closed.");
                break;
            case WireFrame.End:
                Assert.Same(answer.Session, Session(frame));
                _answered.Remove(frame.Channel);
                break;
            case WireFrame.Close:
                _hasMachineClosed = true;
                break;
        }

        if (answer.Conditions is null)
        {
            Assert.Null(Error(frame));
        }
        else
        {
            Assert.True(answer.Conditions.Contains(Error(frame)), $"{Error(frame)} came, and due was {answer}.");
        }
    }

    private static void OnAttach(ModelSession session, WireFrame frame, Answer answer, Answer? next)
    {
        Assert.Same(answer.Session, session);
        var link = answer.Link!;
        Assert.Equal((link.Name, !link.IsReceiver), ((string)frame.Fields[0]!, frame.Bool(2)));
        Assert.True(session.Answered.TryAdd(frame.UInt(1)!.Value, link), "A handle in use was attached.");
        var isRefused = next?.Descriptor == WireFrame.Detach && next.Link == link;
        Assert.Equal(isRefused, !(link.IsReceiver ? frame.Has(5) : frame.Has(6)));

        // initial-delivery-count: senders must say, receivers must not.
        Assert.Equal(link.IsReceiver, frame.Has(9));
    }

    private static void OnFlow(ModelSession session, WireFrame frame)
    {
        if (frame.UInt(4) is not { } handle)
        {
            return;
        }

        Assert.True(session.Answered.TryGetValue(handle, out var link), $"A flow came for handle {handle}, which is not attached.");
        var count = frame.UInt(5).GetValueOrDefault();
        if (link.IsReceiver)
        {
            // A drain skips what is left of the credit. Counts on the wire are serial numbers.
            link.Deliveries += unchecked(count - (uint)link.Deliveries);
            Assert.True(
                link.Deliveries <= link.Allowed || link.Deliveries == 0,
                $"The count is {link.Deliveries} on a link that allowed {link.Allowed}.");
        }
        else
        {
            link.Allowed = unchecked((int)(count - link.InitialCount)) + (long)frame.UInt(6).GetValueOrDefault();
        }
    }

    private static void OnTransfer(ModelSession session, WireFrame frame)
    {
        Assert.True(
            session.Answered.TryGetValue(frame.UInt(0).GetValueOrDefault(), out var link) && link.IsReceiver,
            "A transfer came on no receiver's link.");
        session.MachineTransfers++;
        Assert.True(
            session.MachineTransfers <= session.MostMachineTransfers,
            $"Transfer frame {session.MachineTransfers} came, and the window ended at {session.MostMachineTransfers}.");
        if (!link.IsMachineInside)
        {
            // Numbered in the order of their first frames, without gaps.
            Assert.Equal(session.MachineDeliveries, frame.UInt(1));
            Assert.True(frame.Has(2), "A delivery came without a tag.");
            session.MachineDeliveries++;
            link.Deliveries++;
            Assert.True(link.Deliveries <= link.Allowed, $"Delivery {link.Deliveries} came on a link that allowed {link.Allowed}.");
            if (!frame.Bool(4))
            {
                session.Received.Add(frame.UInt(1)!.Value);
            }
        }

        link.IsMachineInside = frame.Bool(5);
    }

    private static void OnDisposition(ModelSession session, WireFrame frame)
    {
        var first = frame.UInt(1)!.Value;
        var last = frame.UInt(2) ?? first;
        Assert.True(frame.Bool(3), "The machine told a state without settling.");
        for (var id = first; ; id = unchecked(id + 1))
        {
            if (!frame.Bool(0))
            {
                Assert.True(session.Asked.Remove(id), $"Delivery {id} was settled, and nobody asked.");
                session.Received.Remove(id);
            }
            else
            {
                Assert.True(
                    session.Unsettled.Remove(id, out var delivery) && delivery.IsComplete, $"Delivery {id} was settled, and is none.");
                Assert.Equal(
                    (delivery.Rejection is null ? Accepted : Rejected, delivery.Rejection), (frame.State(4), frame.RejectedWith(4)));
            }

            if (id == last)
            {
                return;
            }
        }
    }

    private void CheckNothingIsOwed()
    {
        foreach (var session in Sessions.Values.Where(session => !session.IsEnding && !IsClosed))
        {
            Assert.True(session.Asked.Count == 0, $"Deliveries {string.Join(", ", session.Asked)} were not answered.");
            var owed = session.Unsettled.Values.Where(
                delivery => !delivery.Link.IsDetaching && (nodes.Settles(delivery.Link.Address) || delivery.Rejection is not null));
            Assert.True(!owed.Any(), $"Deliveries {string.Join(", ", owed.Select(delivery => delivery.Id))} were not settled.");
        }
    }
}
