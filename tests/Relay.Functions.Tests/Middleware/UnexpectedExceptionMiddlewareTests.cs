using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Functions.Middleware;

namespace Relay.Functions.Tests.Middleware;

public sealed class UnexpectedExceptionMiddlewareTests
{
    private readonly RecordingLogger<UnexpectedExceptionMiddleware> _logger = new();
    private readonly UnexpectedExceptionMiddleware _middleware;

    public UnexpectedExceptionMiddlewareTests() => _middleware = new UnexpectedExceptionMiddleware(_logger);

    [Fact]
    public async Task Invoke_HttpFunctionFails_Answers500WithoutTheInside()
    {
        var http = new DefaultHttpContext();
        http.Response.Body = new MemoryStream();

        await _middleware.Invoke(new FakeFunctionContext(http), _ => throw new InvalidOperationException("the password is hunter2"));

        var body = FunctionsFixture.Text(((MemoryStream)http.Response.Body).ToArray());
        Assert.Equal((500, "application/problem+json"), (http.Response.StatusCode, http.Response.ContentType));
        Assert.Contains("urn:relay:unexpected", body, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", body, StringComparison.Ordinal);
        Assert.Equal([LogLevel.Error], _logger.Lines.Select(line => line.Level));
    }

    [Fact]
    public async Task Invoke_QueueFunctionFails_LogsOnceAndRethrows()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _middleware.Invoke(new FakeFunctionContext(), _ => throw new InvalidOperationException("x")));
        Assert.Equal([LogLevel.Error], _logger.Lines.Select(line => line.Level));
    }

    [Fact]
    public async Task Invoke_HostStopping_IsNoError()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            _middleware.Invoke(new FakeFunctionContext(cancellationToken: stopping.Token), _ => throw new OperationCanceledException()));
        Assert.Equal([LogLevel.Debug], _logger.Lines.Select(line => line.Level));
    }
}
