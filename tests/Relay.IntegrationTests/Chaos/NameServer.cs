using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Relay.IntegrationTests.Chaos;

/// <summary>
/// Answers DNS questions over UDP (RFC 1035) as the only server of one name, <c>localhost</c>, by which the local stack's vault is reached,
/// or does not, as a trouble has it. On port 53 of a loopback address of its own.
/// </summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int Port = 53;
    private const int HeaderBytes = 12;
    private const int MaxBytes = 512;
    private const int TypeA = 1;
    private const int ServerFailure = 2;
    private const int NoSuchName = 3;

    private static readonly byte[] Name = [9, .. "localhost"u8, 0];

    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _late = [];
    private readonly Task _serving;
    private volatile string _trouble = "back";
    private int _asked;
    private int _failed;

    private NameServer(Socket socket)
    {
        _socket = socket;
        _serving = ServeAsync();
    }

    /// <summary>Where it is asked.</summary>
    public IPAddress Address => ((IPEndPoint)_socket.LocalEndPoint!).Address;

    /// <summary>How often it was asked for the name's addresses.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>
    /// <c>back</c> for none; <c>down</c>: there is no such name; <c>silent</c>: no answer at all; <c>slow:4s</c>: answers so late;
    /// <c>erroring</c>: one question in two fails.
    /// </summary>
    public string Trouble
    {
        set => _trouble = value;
    }

    /// <exception cref="SocketException">The port cannot be had, most often for want of the right to it.</exception>
    public static NameServer Start()
    {
        // Of the machine's own, some other server may have it.
        var address = new byte[] { 127, 83, (byte)RandomNumberGenerator.GetInt32(256), (byte)RandomNumberGenerator.GetInt32(1, 255) };
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress(address), Port));
            return new NameServer(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        await Task.WhenAll(_late);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[MaxBytes];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, got.ReceivedBytes)) is { } answer) Send(answer, got.RemoteEndPoint);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> question)
    {
        if (question.Length <= HeaderBytes) return null;
        var nameEnd = HeaderBytes + question[HeaderBytes..].IndexOf((byte)0) + 1;
        if (nameEnd == HeaderBytes || nameEnd + 4 > question.Length) return null;
        var isName = question[HeaderBytes..nameEnd].SequenceEqual(Name);
        var isForAddress = isName && BinaryPrimitives.ReadUInt16BigEndian(question[nameEnd..]) == TypeA;
        if (isForAddress) Interlocked.Increment(ref _asked);
        return _trouble switch
        {
            "silent" when isName => null,
            "erroring" when isForAddress && (++_failed & 1) == 1 => Answer(question[..(nameEnd + 4)], ServerFailure, []),
            "down" => Answer(question[..(nameEnd + 4)], NoSuchName, []),
            _ when !isName => Answer(question[..(nameEnd + 4)], NoSuchName, []),
            _ when isForAddress => Answer(question[..(nameEnd + 4)], 0, IPAddress.Loopback.GetAddressBytes()),
            _ => Answer(question[..(nameEnd + 4)], 0, []),
        };
    }

    // The address is a record of the name asked for, for the internet, to be kept for no time.
    private static byte[] Answer(ReadOnlySpan<byte> asked, byte code, byte[] address)
    {
        byte[] header = [asked[0], asked[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)(address.Length > 0 ? 1 : 0), 0, 0, 0, 0];
        byte[] record = address.Length > 0 ? [0xC0, HeaderBytes, 0, TypeA, 0, 1, 0, 0, 0, 0, 0, 4, .. address] : [];
        return [.. header, .. asked[HeaderBytes..], .. record];
    }

    private void Send(byte[] answer, EndPoint to)
    {
        if (_trouble.Split(':') is ["slow", var late])
        {
            _late.RemoveAll(task => task.IsCompleted);
            _late.Add(SendLateAsync(answer, to, TimeSpan.FromSeconds(int.Parse(late.TrimEnd('s'), CultureInfo.InvariantCulture))));
            return;
        }

        _socket.SendTo(answer, to);
    }

    private async Task SendLateAsync(byte[] answer, EndPoint to, TimeSpan delay)
    {
        await Task.Delay(delay, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stop.IsCancellationRequested) _socket.SendTo(answer, to);
    }
}
