using System.Net.Sockets;
using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Framing;
using Emulator.Amqp.Tests.Peers;
using Emulator.Amqp.Transport;
using Emulator.Amqp.Types;
using Relay.Testing;

namespace Emulator.Amqp.Tests.Transport;

/// <summary>Peers that mean harm, over real sockets, beside a client that means none and must not notice.</summary>
public sealed class HostilePeerTests
{
    private readonly TestBroker _broker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listener_RandomBytesAtEachStage_DropsThePeerAndServesTheOther()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var listener = _broker.Listen(Quick());
        await using var good = await ConnectAsync(listener);
        await using var sender = await good.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "good" } }, Token);
        for (var round = 0; round < 60; round++)
        {
            using var socket = await DialAsync(listener);
            var greeting = (round % 3) switch { 0 => [], 1 => Prelude()[..8], _ => Prelude() };
            var noise = new byte[random.Next(1, 3000)];
            random.NextBytes(noise);
            await SendQuietlyAsync(socket, [.. greeting, .. noise]);
            socket.Shutdown(SocketShutdown.Send);
            await TestDeadline.Within(ReadToEndAsync(socket));
            Assert.IsType<Accepted>(await sender.SendAsync(new byte[10], 0, null, Token));
        }

        await TestDeadline.Until(() => listener.ConnectionCount == 1, "the hostile connections to be gone");
    }

    [Fact]
    public async Task Listener_CapturedFramesInRandomOrderWithChangedBytes_NeverLosesTheOtherClient()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var listener = _broker.Listen(Quick());
        await using var good = await ConnectAsync(listener);
        await using var sender = await good.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "good" } }, Token);
        for (var round = 0; round < 100; round++)
        {
            using var socket = await DialAsync(listener);
            var bytes = new List<byte>(Prelude());
            for (var i = 0; i < 20; i++)
            {
                var frame = Convert.FromHexString(CapturedFrames.All[random.Next(4, CapturedFrames.All.Length)]);
                if (random.Next(2) == 0)
                {
                    frame[random.Next(8, frame.Length)] = (byte)random.Next(256);
                }

                frame[6] = 0;
                frame[7] = (byte)random.Next(3);
                bytes.AddRange(frame);
            }

            await SendQuietlyAsync(socket, [.. bytes]);
            socket.Shutdown(SocketShutdown.Send);
            await TestDeadline.Within(ReadToEndAsync(socket));
        }

        Assert.IsType<Accepted>(await sender.SendAsync(new byte[10], 0, null, Token));
        await TestDeadline.Until(() => listener.ConnectionCount == 1, "the hostile connections to be gone");
        Assert.DoesNotContain(_broker.ClosedWith, error => error?.Condition == AmqpCondition.InternalError);
    }

    [Fact]
    public async Task Listener_FrameLargerThanAdvertised_GetsCloseWithFramingError()
    {
        await using var listener = _broker.Listen(Quick());
        using var socket = await DialAsync(listener);
        await SendQuietlyAsync(socket, [.. Prelude(), 0x00, 0x01, 0x00, 0x01, 2, 0, 0, 0]);
        socket.Shutdown(SocketShutdown.Send);
        var answer = await TestDeadline.Within(ReadToEndAsync(socket));
        Assert.Contains("amqp:connection:framing-error", System.Text.Encoding.Latin1.GetString(answer), StringComparison.Ordinal);
    }

    /// <summary>
    /// Whoever goes on talking after its close, as clients with traffic under way do, hears the answer and a proper end, and meets no
    /// reset.
    /// </summary>
    [Fact]
    public async Task Listener_PeerThatGoesOnTalkingAfterItsClose_IsAnsweredAndNotReset()
    {
        var time = new ManualTimeProvider();
        await using var listener = _broker.Listen(
            new AmqpListenerOptions { Connection = new AmqpConnectionOptions { TimeProvider = time } });
        using var socket = await DialAsync(listener);
        using var writer = new AmqpWriter();
        writer.WriteRaw(Prelude());
        WriteFrame(writer, w => new Close().Write(w));
        await socket.SendAsync((byte[])[.. writer.ToArray(), .. new byte[300_000]], Token);

        Assert.Contains("005318", Convert.ToHexString(await TestDeadline.Within(ReadToEndAsync(socket))), StringComparison.Ordinal);
        for (var more = 0; more < 3; more++) await socket.SendAsync(new byte[1000], Token);

        // What ends the hearing out is armed at some moment after the end was sent, and other timers may be armed as well.
        await TestDeadline.Until(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                return listener.ConnectionCount == 0;
            },
            "the connection to be over");
    }

    [Fact]
    public async Task Listener_HandshakeNeverFinished_IsDroppedAfterTheDeadline()
    {
        var time = new ManualTimeProvider();
        await using var listener = _broker.Listen(
            new AmqpListenerOptions { Connection = new AmqpConnectionOptions { TimeProvider = time } });
        using var silent = await DialAsync(listener);
        using var slow = await DialAsync(listener);
        await SendQuietlyAsync(slow, Prelude()[..40]);
        await TestDeadline.Until(() => listener.ConnectionCount == 2 && time.ArmedTimers == 2, "both connections and their timers");
        time.Advance(TimeSpan.FromSeconds(21));
        await TestDeadline.Until(() => listener.ConnectionCount == 0, "both to be dropped");
        Assert.Equal(2, _broker.ClosedWith.Count);
    }

    [Fact]
    public async Task Listener_PeerThatNeverReads_CostsBoundedOutputAndIsDropped()
    {
        var time = new ManualTimeProvider();
        var options = new AmqpConnectionOptions { TimeProvider = time, OutputHighWaterBytes = 64 * 1024, IdleTimeout = TimeSpan.Zero };
        await using var listener = _broker.Listen(new AmqpListenerOptions { Connection = options });
        using var socket = await DialAsync(listener);
        using var writer = new AmqpWriter();
        writer.WriteRaw(Prelude());
        WriteFrame(writer, w => new Begin { IncomingWindow = uint.MaxValue, OutgoingWindow = 1 }.Write(w));
        WriteFrame(writer, w => new Attach { Name = "r", IsReceiver = true, SndSettleMode = 1, Source = new Source { Address = "flood" }, Target = new Target() }.Write(w));
        WriteFrame(writer, w => new Flow { NextIncomingId = 1, IncomingWindow = uint.MaxValue, Handle = 0, DeliveryCount = 0, LinkCredit = uint.MaxValue }.Write(w));
        await SendQuietlyAsync(socket, writer.ToArray());
        var payload = new byte[60_000];
        for (var i = 0; i < 400; i++)
        {
            _broker.Queue("flood").Enqueue(payload);
        }

        await TestDeadline.Until(() => _broker.Opened.Count == 1 && _broker.Queue("flood").Ready.Count < 400, "the first deliveries");
        Assert.True(_broker.Opened.TryPeek(out var connection));
        Assert.InRange(connection.Output.PendingBytes, 0, 4 * 64 * 1024);
        Assert.NotEmpty(_broker.Queue("flood").Ready);
        await TestDeadline.Until(
            () =>
            {
                // Each time anew: what is to be dropped may arm its timer only after the clock has moved.
                time.Advance(TimeSpan.FromSeconds(30));
                return listener.ConnectionCount == 0;
            },
            "the peer to be dropped");
    }

    [Fact]
    public async Task Listener_MoreConnectionsThanAllowed_DropsTheNextAndTakesOneAgainWhenOneLeaves()
    {
        await using var listener = _broker.Listen(Quick() with { MaxConnections = 2 });
        var first = await ConnectAsync(listener);
        await using var second = await ConnectAsync(listener);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(listener));
        await first.DisposeAsync();
        await TestDeadline.Until(() => listener.ConnectionCount == 1, "a free place");
        await using var third = await ConnectAsync(listener);
        Assert.True(third.IsOpen);
    }

    private static AmqpListenerOptions Quick() =>
        new() { Connection = new AmqpConnectionOptions { CloseTimeout = TimeSpan.FromMilliseconds(200) } };

    private static byte[] Prelude()
    {
        using var writer = new AmqpWriter();
        writer.WriteRaw("AMQP\x03\x01\x00\x00"u8);
        var start = FrameWriter.Begin(writer, FrameWriter.SaslType, 0);
        new SaslInit("ANONYMOUS", null, null).Write(writer);
        FrameWriter.End(writer, start);
        writer.WriteRaw("AMQP\x00\x01\x00\x00"u8);
        WriteFrame(writer, w => new Open { ContainerId = "hostile" }.Write(w));
        return writer.ToArray();
    }

    private static void WriteFrame(AmqpWriter writer, Action<AmqpWriter> body)
    {
        var start = FrameWriter.Begin(writer, FrameWriter.AmqpType, 0);
        body(writer);
        FrameWriter.End(writer, start);
    }

    private static async Task<Socket> DialAsync(AmqpListener listener)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.EndPoint, Token);
        return socket;
    }

    private static async Task SendQuietlyAsync(Socket socket, byte[] bytes)
    {
        try
        {
            await socket.SendAsync(bytes, Token);
        }
        catch (SocketException)
        {
            // Dropped in the middle, which is fair.
        }
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, Token) is var read and > 0)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }

        return all.ToArray();
    }

    private static Task<AmqpClientConnection> ConnectAsync(AmqpListener listener) =>
        AmqpClientConnection.ConnectAsync(new AmqpClientOptions { Host = "127.0.0.1", Port = listener.EndPoint.Port }, Token);
}
