using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Emulator.Amqp.Types;

namespace Relay.IntegrationTests.Hostile;

/// <summary>A TCP peer that sends whatever bytes it is given, and reads until the other side ends something.</summary>
internal sealed class RawPeer : IDisposable
{
    public const ulong SaslInit = 0x41;
    public const ulong Open = 0x10;
    public const ulong Begin = 0x11;
    public const ulong Attach = 0x12;
    public const ulong Transfer = 0x14;

    private const int FrameHeader = 8;
    private const int LargestFrame = 65536;
    private const byte AmqpType = 0;
    private const byte SaslType = 1;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Protocol headers and SASL, with nothing behind them.</summary>
    public static byte[] Hello { get; } =
        [.. "AMQP\x03\x01\x00\x00"u8, .. Frame(SaslInit, 0, [new AmqpSymbol("ANONYMOUS")], SaslType), .. "AMQP\x00\x01\x00\x00"u8];

    /// <summary>The same, an open, and a session on channel 0.</summary>
    public static byte[] Session { get; } =
        [.. Hello, .. Frame(Open, 0, ["hostile", "localhost", (uint)LargestFrame]), .. Frame(Begin, 0, [null, 0u, 5000u, 5000u])];

    /// <summary>One frame whose body is a described list.</summary>
    public static byte[] Frame(ulong descriptor, ushort channel, object?[] fields, byte type = AmqpType)
    {
        using var body = new AmqpWriter();
        body.WriteValue(new AmqpDescribed(descriptor, fields.ToList()));
        return Frame(body.WrittenSpan, channel, type);
    }

    /// <summary>One frame around a body.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> body, ushort channel = 0, byte type = AmqpType)
    {
        var frame = new byte[FrameHeader + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        frame[4] = 2;
        frame[5] = type;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(6), channel);
        body.CopyTo(frame.AsSpan(FrameHeader));
        return frame;
    }

    /// <summary>An attach of a sender to an entity.</summary>
    public static byte[] Sender(string name, uint handle, string entity, ushort channel = 0) => Frame(
        Attach,
        channel,
        [
            name, handle, false, null, null, new AmqpDescribed(0x28ul, new List<object?>()),
            new AmqpDescribed(0x29ul, new List<object?> { entity }), null, null, 0u,
        ]);

    public Task ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken) =>
        _socket.ConnectAsync(endPoint, cancellationToken).AsTask();

    /// <summary>Sends all the bytes, or as many as the other side lets.</summary>
    public async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent), cancellationToken);
            }
        }
        catch (SocketException)
        {
            // Dropped in the middle: what was read until then says why.
        }
    }

    /// <summary>Says that nothing more will come.</summary>
    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads until a close, end or detach comes, or the socket ends.</summary>
    public async Task<Ending> ReadEndingAsync(CancellationToken cancellationToken)
    {
        var opened = false;
        var frame = new byte[LargestFrame];
        try
        {
            while (await TryFillAsync(frame.AsMemory(0, FrameHeader), cancellationToken))
            {
                if (frame.AsSpan().StartsWith("AMQP"u8))
                {
                    continue;
                }

                var size = BinaryPrimitives.ReadInt32BigEndian(frame);
                Assert.InRange(size, FrameHeader, LargestFrame);
                if (!await TryFillAsync(frame.AsMemory(FrameHeader, size - FrameHeader), cancellationToken))
                {
                    break;
                }

                if (size == FrameHeader)
                {
                    continue;
                }

                var (descriptor, fields) = Read(frame.AsSpan(FrameHeader, size - FrameHeader));
                opened |= descriptor == Open;
                if (EndingOf(descriptor) is { } scope)
                {
                    var error = fields.OfType<AmqpDescribed>().FirstOrDefault();
                    var details = (List<object?>?)error?.Value;
                    return new Ending(scope, details?[0]?.ToString(), details?[1]?.ToString());
                }
            }
        }
        catch (SocketException)
        {
            // A reset ends the socket too.
        }

        return new Ending(opened ? "socket after open" : "socket", null, null);
    }

    public void Dispose() => _socket.Dispose();

    private static string? EndingOf(ulong descriptor) => descriptor switch { 0x16 => "detach", 0x17 => "end", 0x18 => "close", _ => null };

    private static (ulong Descriptor, List<object?> Fields) Read(ReadOnlySpan<byte> body)
    {
        var reader = new AmqpReader(body);
        Assert.True(reader.TryReadValue(out var value));
        var described = Assert.IsType<AmqpDescribed>(value);
        return ((ulong)described.Descriptor, described.Value as List<object?> ?? []);
    }

    private async Task<bool> TryFillAsync(Memory<byte> wanted, CancellationToken cancellationToken)
    {
        while (wanted.Length > 0)
        {
            var read = await _socket.ReceiveAsync(wanted, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            wanted = wanted[read..];
        }

        return true;
    }
}

/// <summary>How the other side ended something.</summary>
/// <param name="Scope"><c>close</c>, <c>end</c>, <c>detach</c>; <c>socket</c>
/// when it only dropped the connection, before an open or after.</param>
/// <param name="Condition">The error's condition; null when none was given.</param>
/// <param name="Description">The error's sentence.</param>
internal sealed record Ending(string Scope, string? Condition, string? Description);
