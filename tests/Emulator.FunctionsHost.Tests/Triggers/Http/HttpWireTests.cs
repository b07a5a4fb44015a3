using System.Net;
using System.Net.Sockets;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Tests.Worker;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.Http;

/// <summary>
/// A request and its invocation, between client, host and a scripted worker: what depends on which of the two ends first.
/// </summary>
public sealed class HttpWireTests : IDisposable
{
    private readonly ScriptedWorkers _workers = new(Listed.Http("One", ", 'authLevel': 'anonymous', 'methods': ['post']"));
    private readonly TaskCompletionSource<InvocationRequest> _runs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The worker's HTTP listener. Nobody answers there.
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HttpWireTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _workers.Script = (worker, message) =>
        {
            if (message.InvocationRequest is { } invocation)
            {
                _runs.TrySetResult(invocation);
                return Task.FromResult<StreamingMessage?>(null);
            }

            var answer = worker.Usual(message);
            answer?.WorkerInitResponse?.Capabilities.Add("HttpUri", $"http://localhost:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");
            return Task.FromResult(answer);
        };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Body_PastTheLimit_IsRefusedAtOnceAndItsInvocationIsWaitedForAtTheStop()
    {
        var test = new TestHost { Workers = _workers }.With("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000");
        await using var host = await test.StartAsync();
        var worker = Assert.Single(_workers.Started);

        var status = await TestDeadline.Within(PostAsync(host, 1_001));
        var invocation = await TestDeadline.Within(_runs.Task);
        await CancelledAsync(worker, invocation);
        var stopping = host.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        await worker.SucceedAsync(invocation);
        await TestDeadline.Within(stopping);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Equal((1, 0), (test.CountOf("Executed One"), test.CountOf("Failed One")));
        Assert.NotNull(worker.Received.Last().WorkerTerminate);
    }

    [Fact]
    public async Task Body_PastTheLimitAndItsInvocationNeverEnds_IsGivenUpAtTheShutdownTimeout()
    {
        var test = new TestHost { Workers = _workers, ShutdownTimeout = TimeSpan.FromMilliseconds(200) }
            .With("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000");
        var host = await test.StartAsync();
        await TestDeadline.Within(PostAsync(host, 1_001));
        await TestDeadline.Within(_runs.Task);

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        Assert.Equal(1, test.CountOf("Functions host stopped waiting"));
        Assert.Equal(1, test.CountOf("Failed One"));
    }

    // Only what the request itself is wrong with is known before the invocation has ended: here it threw.
    [Fact]
    public async Task Worker_ClosesTheRequestBeforeItsInvocationEnds_IsAnsweredByHowThatEnds()
    {
        await using var host = await new TestHost { Workers = _workers }.StartAsync();
        var posting = PostAsync(host, 10);
        using (var connection = await TestDeadline.Within(_listener.AcceptAsync(Cancel).AsTask())) connection.Close();
        var invocation = await TestDeadline.Within(_runs.Task);
        var worker = Assert.Single(_workers.Started);
        await CancelledAsync(worker, invocation);

        Assert.False(posting.IsCompleted);
        await worker.FailAsync(invocation, new RpcException { Message = "threw", Type = "System.InvalidOperationException" });

        Assert.Equal(HttpStatusCode.InternalServerError, await TestDeadline.Within(posting));
    }

    private static Task CancelledAsync(ScriptedWorker worker, InvocationRequest invocation) => TestDeadline.Until(
        () => worker.Received.Any(message => message.InvocationCancel?.InvocationId == invocation.InvocationId), "the cancellation");

    private static async Task<HttpStatusCode> PostAsync(FunctionsHost host, int bytes)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "one") { Content = new ByteArrayContent(new byte[bytes]) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
