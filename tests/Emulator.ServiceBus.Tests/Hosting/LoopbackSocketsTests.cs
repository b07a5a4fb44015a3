using System.Net;
using System.Net.Sockets;
using Emulator.Hosting;

namespace Emulator.ServiceBus.Tests.Hosting;

/// <summary>What is printed as <c>localhost</c> answers wherever that name leads.</summary>
public sealed class LoopbackSocketsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Start_OnLoopback_AnswersAtBothAddressesOfBothPorts(string address)
    {
        SkipWithoutIPv6();
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0 }, Cancel);
        Assert.StartsWith("Endpoint=sb://localhost:", emulator.ConnectionString, StringComparison.Ordinal);
        var ip = IPAddress.Parse(address);
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(ip, emulator.AmqpEndpoint.Port, Cancel);
        await using var stream = new NetworkStream(socket);
        // Protocol header of the SASL layer, AMQP 1.0 part 5, section 5.3.2; answered in kind.
        byte[] header = [.. "AMQP"u8, 3, 1, 0, 0];
        await stream.WriteAsync(header, Cancel);
        var answer = new byte[header.Length];
        await stream.ReadExactlyAsync(answer, Cancel);
        Assert.Equal(header, answer);

        using var http = new HttpClient();
        var authority = new IPEndPoint(ip, emulator.AdminPort!.Value).ToString();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://{authority}/health"), Cancel)).StatusCode);
    }

    [Fact]
    public void Bind_OfAPortThatTheOtherAddressHasNot_Throws()
    {
        SkipWithoutIPv6();
        using var other = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        Assert.Equal(
            SocketError.AddressAlreadyInUse,
            Assert.Throws<SocketException>(() => LoopbackSockets.Bind(IPAddress.Loopback, port)).SocketErrorCode);
    }

    [Theory]
    [InlineData("127.0.0.1", 2)]
    [InlineData("::1", 1)]
    [InlineData("0.0.0.0", 1)]
    public void Bind_OfAnAddress_TakesItsTwinForLoopbackOnly(string address, int count)
    {
        SkipWithoutIPv6();
        var sockets = LoopbackSockets.Bind(IPAddress.Parse(address), 0);
        Assert.Equal(count, sockets.Count);
        Assert.Single(sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port).Distinct());
        foreach (var socket in sockets) socket.Dispose();
    }

    private static void SkipWithoutIPv6() => Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
}
