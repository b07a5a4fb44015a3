using System.Net;
using System.Net.Sockets;
using System.Text;
using Emulator.FunctionsHost.Triggers.Http;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.Http;

/// <summary>Connections to a worker's HTTP listener: late, and named by a name.</summary>
public sealed class WorkerHttpClientTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_ListenerComesLate_IsTriedUntilItIsThere()
    {
        // Bound, so that the port is nobody else's, and not listening, so that connections are refused.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = WorkerHttpClient.Create(_time);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(listener, "localhost"));
        var sending = client.SendAsync(request, Cancel);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await TestDeadline.Until(() => _time.ArmedTimers > 0, "a refused connection");
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await TestDeadline.Until(() => _time.ArmedTimers > 0, "a refused connection");
        Assert.False(sending.IsCompleted);
        listener.Listen();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await AnswerAsync(listener);

        using var response = await TestDeadline.Within(sending);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Send_ListenerNeverComes_Fails()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = WorkerHttpClient.Create(_time);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(listener, "localhost"));
        var sending = client.SendAsync(request, Cancel);

        await TestDeadline.Until(() => Advanced(sending), "the end of the tries");

        await Assert.ThrowsAsync<HttpRequestException>(() => sending);
    }

    // The worker says localhost, which a resolver may answer with an address that nobody listens on, or not at all.
    [Theory]
    [InlineData("localhost")]
    [InlineData("no-such-host.invalid")]
    public async Task Send_WhateverTheName_GoesToThisMachineWithoutAResolver(string name)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = WorkerHttpClient.Create(_time);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(listener, name));

        var sending = client.SendAsync(request, Cancel);
        await AnswerAsync(listener);

        using var response = await TestDeadline.Within(sending);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Uri Address(Socket listener, string name) => new($"http://{name}:{((IPEndPoint)listener.LocalEndPoint!).Port}/");

    private static async Task AnswerAsync(Socket listener)
    {
        using var connection = await TestDeadline.Within(listener.AcceptAsync(Cancel).AsTask());
        await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), Cancel);
        connection.Shutdown(SocketShutdown.Send);
        var rest = new byte[4_096];
        while (await connection.ReceiveAsync(rest, Cancel) > 0)
        {
        }
    }

    private bool Advanced(Task sending)
    {
        _time.Advance(TimeSpan.FromMilliseconds(250));
        return sending.IsCompleted;
    }
}
