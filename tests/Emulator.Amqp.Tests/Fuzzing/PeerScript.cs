using System.Globalization;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// A peer that mostly keeps to the rules, and breaks one now and then: makes
/// frames for where the conversation stands, and says what must answer.
/// </summary>
internal sealed class PeerScript(FuzzRandom random, PeerModel model, IFuzzNodes nodes)
{
    private int _names;

    /// <summary>What the step was, for the report of a failure.</summary>
    public string Told { get; private set; } = "";

    public (byte[] Bytes, List<Answer> Due) Next()
    {
        if (!model.IsOpen && !model.IsClosed)
        {
            return BeforeOpen();
        }

        // What ends everything is rare, so that conversations live to meet the rest.
        if (random.OneIn(100))
        {
            return random.Next(5) switch { 0 => Garbage(), 1 => Unframed(), 2 => Open(), 3 => Close(), _ => Begin(AnyChannel()) };
        }

        if (model.Sessions.Count == 0)
        {
            return Begin(FreeChannel());
        }

        return random.Next(100) switch
        {
            < 5 when model.Sessions.Count <= PeerModel.ChannelMax => Begin(FreeChannel()),
            < 25 => Attach(),
            < 60 => Transfer(),
            < 76 => Flow(),
            < 88 => Disposition(),
            < 94 => Detach(),
            < 97 => End(),
            _ => Heartbeat(),
        };
    }

    public (byte[] Bytes, List<Answer> Due) Close() => Say("close", WireFrame.Write(WireFrame.Close, 0, []), model.Close());

    private (byte[] Bytes, List<Answer> Due) BeforeOpen()
    {
        if (random.OneIn(30))
        {
            var descriptor = random.Pick<ulong>(
                [
                    WireFrame.Begin, WireFrame.Attach, WireFrame.Flow, WireFrame.Transfer, WireFrame.Disposition, WireFrame.Detach,
                    WireFrame.End,
                ]);
            return Say($"0x{descriptor:x} before open", WireFrame.Write(descriptor, 0, []), model.BeforeOpen());
        }

        return random.Next(60) switch { 0 => Garbage(), 1 => Unframed(), 2 => Close(), 3 => Heartbeat(), _ => Open() };
    }

    private (byte[] Bytes, List<Answer> Due) Open()
    {
        var size = random.OneIn(50) ? (uint)random.Next(512) : 512u + (uint)random.Next(4000);
        if (!model.IsOpen)
        {
            model.PeerMaxFrameSize = size;
        }

        return Say($"open, frames of {size}", WireFrame.Write(WireFrame.Open, 0, ["peer", "localhost", size]), model.Open(size));
    }

    private (byte[] Bytes, List<Answer> Due) Begin(ushort channel)
    {
        ushort? answers = random.OneIn(200) ? (ushort)random.Next(3) : null;
        var window = random.OneIn(3) ? (uint)random.Next(20) : 1000;
        var next = random.OneIn(2) ? 0 : (uint)random.Magnitude(32);
        var due = model.Begin(channel, answers);
        if (due is [{ Descriptor: WireFrame.Begin, Session: { } session }])
        {
            session.MostMachineTransfers = window;
            session.NextDeliveryId = random.OneIn(2) ? 0 : (uint)random.Magnitude(32);
        }

        return Say($"begin on {channel}", WireFrame.Write(WireFrame.Begin, channel, [answers, next, window, 1000u]), due);
    }

    private (byte[] Bytes, List<Answer> Due) Attach()
    {
        var channel = Channel();
        var handle = random.OneIn(400)
            ? PeerModel.HandleMax + 1 + (uint)random.Magnitude(31)
            : (uint)random.Next((int)PeerModel.HandleMax + 1);
        if (!random.OneIn(60) && model.Sessions.TryGetValue(channel, out var session))
        {
            // A free one, mostly.
            while (session.Links.ContainsKey(handle) && session.Links.Count <= PeerModel.HandleMax)
            {
                handle = (uint)random.Next((int)PeerModel.HandleMax + 1);
            }
        }

        var address = nodes.Addresses[random.Next(nodes.Addresses.Count)];
        var link = new ModelLink(handle, string.Create(CultureInfo.InvariantCulture, $"link-{_names++}"), random.OneIn(2), address);
        link.InitialCount = link.IsReceiver || random.OneIn(2) ? 0 : (uint)random.Magnitude(32);
        var source = new AmqpDescribed(0x28ul, new List<object?> { link.IsReceiver ? address : null });
        var target = new AmqpDescribed(0x29ul, new List<object?> { link.IsReceiver ? null : address });
        byte? settleMode = random.OneIn(3) ? (byte)1 : null;
        object?[] fields =
        [
            link.Name, handle, link.IsReceiver, settleMode, null, source, target, null, null, link.IsReceiver ? null : link.InitialCount,
        ];
        var due = model.Attach(channel, link);
        return Say(
            $"attach {link.Name} on {channel} handle {handle} {(link.IsReceiver ? "from" : "to")} {address}",
            WireFrame.Write(WireFrame.Attach, channel, fields),
            due);
    }

    private (byte[] Bytes, List<Answer> Due) Transfer()
    {
        var channel = Channel();
        model.Sessions.TryGetValue(channel, out var session);
        var senders = session?.Links.Values.Where(link => !link.IsReceiver && link.IsAnswered).ToList() ?? [];
        if (senders.Count == 0 && !random.OneIn(60))
        {
            return Attach();
        }

        var link = senders.Count == 0 || random.OneIn(150) ? null : senders[random.Next(senders.Count)];
        var handle = link?.Handle ?? (uint)random.Next((int)PeerModel.HandleMax + 2);
        var isFirst = link?.Partial is null;
        uint? id = isFirst ? session?.NextDeliveryId ?? 0 : random.OneIn(2) ? null : link!.Partial!.Id;
        if (random.OneIn(40))
        {
            id = random.Next(3) switch
            {
                0 => null,
                1 when session is { Unsettled.Count: > 0 } => session.Unsettled.Keys.First(),
                _ => (uint)random.Magnitude(32),
            };
        }

        var size = random.Next(12) switch { 0 => random.Next(3000), < 4 => random.Next(900), _ => random.Next(60) };
        var payload = nodes.Payload(random, size);
        var (more, aborted, settled) = (random.OneIn(4), random.OneIn(25), random.OneIn(5));
        var tag = isFirst && !random.OneIn(80) ? random.Bytes(1 + random.Next(16)) : random.OneIn(2) ? null : random.Bytes(33);
        object?[] fields = [handle, id, tag, 0u, settled, more, null, null, null, aborted];
        var due = model.Transfer(channel, handle, id, tag?.Length ?? 0, payload, more, aborted, settled);
        return Say(
            $"transfer on {channel} handle {handle} id {id} {payload.Length} "
                + $"bytes{(more ? " more" : "")}{(aborted ? " aborted" : "")}{(settled ? " settled" : "")}",
            WireFrame.Write(WireFrame.Transfer, channel, fields, payload),
            due);
    }

    private (byte[] Bytes, List<Answer> Due) Flow()
    {
        var channel = Channel();
        model.Sessions.TryGetValue(channel, out var session);
        var links = session?.Links.Values.ToList() ?? [];
        var link = links.Count == 0 || random.OneIn(10) ? null : links[random.Next(links.Count)];
        uint? handle = link?.Handle ?? (random.OneIn(60) ? (uint)random.Magnitude(32) : null);
        // A handle out of nowhere may be one that is attached.
        if (link is null && handle is { } other) session?.Links.TryGetValue(other, out link);
        var nextIncoming = (uint)((session?.MachineTransfers ?? 0) + 1);
        var window = random.OneIn(3) ? (uint)random.Next(20) : (uint)random.Magnitude(16);
        uint? count = link is { IsReceiver: true } ? (uint)link.Deliveries : random.OneIn(4) ? (uint)random.Magnitude(32) : null;
        uint? credit = random.OneIn(6) ? null : random.OneIn(20) ? uint.MaxValue : (uint)random.Next(30);
        if (link is { IsReceiver: false })
        {
            // From a sender: its own count, which the machine takes over.
            (count, credit) = (unchecked(link.InitialCount + (uint)link.Deliveries), null);
        }

        object?[] fields =
        [
            nextIncoming, window, 0u, 1000u, handle, handle is null ? null : count, handle is null ? null : credit, null, random.OneIn(6),
            random.OneIn(6),
        ];
        var due = model.Flow(channel, handle, nextIncoming, window, count, credit);
        return Say(
            $"flow on {channel} handle {handle} count {count} credit {credit} window {window}",
            WireFrame.Write(WireFrame.Flow, channel, fields),
            due);
    }

    private (byte[] Bytes, List<Answer> Due) Disposition()
    {
        var channel = Channel();
        model.Sessions.TryGetValue(channel, out var session);
        var isReceiver = !random.OneIn(5);
        var known = isReceiver ? session?.Received.ToList() ?? [] : session?.Unsettled.Keys.ToList() ?? [];
        var first = known.Count > 0 && !random.OneIn(15) ? known[random.Next(known.Count)] : (uint)random.Magnitude(31);
        var last = random.OneIn(2) ? first : first + (uint)random.Next(8);
        if (random.OneIn(120))
        {
            (first, last) = (last + 1, first);
        }

        AmqpDescribed? state = random.Next(6) switch
        {
            0 => null,
            1 => new AmqpDescribed(0x26ul, new List<object?>()),
            2 => new AmqpDescribed(0x27ul, new List<object?> { true, false }),
            _ => new AmqpDescribed(0x24ul, new List<object?>()),
        };
        // No state and not settled says nothing at all, and need not be answered.
        var settled = state is null || random.OneIn(2);
        var due = model.Disposition(channel, isReceiver, first, last, settled);
        return Say(
            $"disposition on {channel} of {first} to {last} as {(isReceiver ? "receiver" : "sender")}{(settled ? " settled" : "")}",
            WireFrame.Write(WireFrame.Disposition, channel, [isReceiver, first, last, settled, state]),
            due);
    }

    private (byte[] Bytes, List<Answer> Due) Detach()
    {
        var channel = Channel();
        model.Sessions.TryGetValue(channel, out var session);
        var handles = session?.Links.Keys.ToList() ?? [];
        if (handles.Count == 0 && !random.OneIn(20))
        {
            return Attach();
        }

        var handle = handles.Count == 0 || random.OneIn(40)
            ? (uint)random.Next((int)PeerModel.HandleMax + 2)
            : handles[random.Next(handles.Count)];
        return Say(
            $"detach on {channel} handle {handle}",
            WireFrame.Write(WireFrame.Detach, channel, [handle, true]),
            model.Detach(channel, handle));
    }

    private (byte[] Bytes, List<Answer> Due) End()
    {
        var channel = Channel();
        return Say($"end on {channel}", WireFrame.Write(WireFrame.End, channel, []), model.End(channel));
    }

    private (byte[] Bytes, List<Answer> Due) Heartbeat() => Say("heartbeat", [0, 0, 0, 8, 2, 0, 0, 0], []);

    private (byte[] Bytes, List<Answer> Due) Garbage()
    {
        // The channel does not matter: bytes that are no performative belong to no session.
        byte[] frame = random.Next(4) switch
        {
            0 => WireFrame.Write(0xff, Channel(), []),
            1 => WireFrame.Write(WireFrame.Attach, Channel(), ["name"]),
            2 => WireFrame.Write(WireFrame.Begin, Channel(), ["not a channel", 0u, 1u, 1u]),
            _ => [0, 0, 0, 12, 2, 0, 0, 0, 0x40, .. random.Bytes(3)],
        };
        return Say("garbage", frame, model.Undecodable());
    }

    private (byte[] Bytes, List<Answer> Due) Unframed()
    {
        byte[] header = random.Next(4) switch
        {
            0 => [0, 0, 0, 7, 2, 0, 0, 0],
            1 => [0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0],
            2 => [0, 0, 0, 16, 1, 0, 0, 0],
            _ => [0, 0, 0, 16, 2, 1, 0, 0],
        };
        return Say("impossible frame header", header, model.Unframed());
    }

    private ushort FreeChannel()
    {
        var free = Enumerable.Range(0, PeerModel.ChannelMax + 1).Where(channel => !model.Sessions.ContainsKey((ushort)channel)).ToList();
        return free.Count == 0 ? Channel() : (ushort)free[random.Next(free.Count)];
    }

    private ushort Channel() =>
        model.Sessions.Count == 0 || random.OneIn(500) ? AnyChannel() : model.Sessions.Keys.ElementAt(random.Next(model.Sessions.Count));

    private ushort AnyChannel() => random.OneIn(4) ? (ushort)random.Magnitude(16) : (ushort)random.Next(PeerModel.ChannelMax + 1);

    private (byte[] Bytes, List<Answer> Due) Say(string told, byte[] bytes, List<Answer> due)
    {
        Told = told;
        return (bytes, due);
    }
}
