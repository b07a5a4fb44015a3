using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Local.Chaos;
using Relay.Testing;

namespace Relay.IntegrationTests.Chaos;

/// <summary>The port in front of a server: lets through, refuses at the same port and reopens, cuts, and hands on late.</summary>
public sealed class LoopbackGateTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TimeSpan _delay;
    private LoopbackGate _gate = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen();
        _gate = LoopbackGate.Open(LoopbackGate.Take(0), (IPEndPoint)_server.LocalEndPoint!, () => _delay, _time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Bytes_BothWays_GoThroughUntilEachEnds()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("hello"u8.ToArray(), Cancel);
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal("hello", await ReadToEndAsync(server));
            await server.SendAsync("good bye"u8.ToArray(), Cancel);
            server.Shutdown(SocketShutdown.Send);
            Assert.Equal("good bye", await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task Gate_Shut_RefusesAndCutsAndIsThereAgainAtItsPort()
    {
        var port = _gate.Port;
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            _gate.Refuse();
            Assert.NotEqual("", await EndOfAsync(client));
            using var refused = NewSocket();
            var exception = await Assert.ThrowsAsync<SocketException>(
                () => refused.ConnectAsync(IPAddress.Loopback, port, Cancel).AsTask());
            Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
        }

        _gate.Reopen();
        Assert.Equal(port, _gate.Port);
        var again = await ConnectAsync();
        again.Client.Dispose();
        again.Server.Dispose();
    }

    [Fact]
    public async Task Cut_EndsBothEndsAndTheNextConnectionIsServed()
    {
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            _gate.Cut();
            Assert.NotEqual("", await EndOfAsync(client));
            Assert.NotEqual("", await EndOfAsync(server));
        }

        var again = await ConnectAsync();
        again.Client.Dispose();
        again.Server.Dispose();
    }

    [Fact]
    public async Task Answer_OfASlowServer_ComesAfterTheDelayAndNotBefore()
    {
        _delay = TimeSpan.FromSeconds(2);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            await server.SendAsync("late"u8.ToArray(), Cancel);
            var answer = client.ReceiveAsync(new byte[16], Cancel).AsTask();
            await TestDeadline.Until(() => _time.IsArmed(_delay), "the answer is held back");
            Assert.False(answer.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(4, await TestDeadline.Within(answer));
        }
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        var client = NewSocket();
        await client.ConnectAsync(IPAddress.Loopback, _gate.Port, Cancel);
        return (client, await TestDeadline.Within(_server.AcceptAsync(Cancel).AsTask()));
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[16]);
        int read;
        while ((read = await TestDeadline.Within(socket.ReceiveAsync(buffer, Cancel).AsTask())) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    // A reset, or an end without a word.
    private static async Task<string> EndOfAsync(Socket socket)
    {
        try
        {
            return await TestDeadline.Within(socket.ReceiveAsync(new byte[1], Cancel).AsTask()) == 0 ? "end" : "";
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode.ToString();
        }
    }
}
