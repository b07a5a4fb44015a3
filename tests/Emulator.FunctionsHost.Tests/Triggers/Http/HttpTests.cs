using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Emulator.FunctionsHost.Tests.Triggers.Http;

/// <summary>HTTP functions of the genuine worker, through the front.</summary>
public sealed class HttpTests(HttpTests.RunningHost running) : IClassFixture<HttpTests.RunningHost>
{
    private readonly TestHost _test = running.Test;
    private readonly FunctionsHost _host = running.Host;
    private readonly HttpClient _client = running.Client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_RouteAndQuery_ReachTheFunctionsParameters()
    {
        var echo = await _client.GetFromJsonAsync<JsonElement>("echo/a/7?q=x&code=hidden", Cancel);

        Assert.Equal("a", echo.GetProperty("kind").GetString());
        Assert.Equal("7", echo.GetProperty("id").GetString());
        Assert.Equal("x", echo.GetProperty("q").GetString());
        Assert.Equal("?q=x&code=hidden", echo.GetProperty("query").GetString());
        Assert.Equal("GET", echo.GetProperty("method").GetString());
    }

    [Fact]
    public async Task Request_RouteValueInTheQueryToo_TheRoutesWins()
    {
        var echo = await _client.GetFromJsonAsync<JsonElement>("echo/a/7?id=8&kind=b", Cancel);

        Assert.Equal(("a", "7"), (echo.GetProperty("kind").GetString(), echo.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Request_OptionalRouteValueLeftOut_IsNull() =>
        Assert.Equal(JsonValueKind.Null, (await _client.GetFromJsonAsync<JsonElement>("echo/a", Cancel)).GetProperty("id").ValueKind);

    [Fact]
    public async Task Request_Address_IsTheClients()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "echo/a");
        request.Headers.Add("X-Forwarded-For", "203.0.113.1");
        request.Headers.Add("X-Forwarded-Host", "elsewhere.example");

        var echo = await SendAsync(request);

        Assert.Equal($"127.0.0.1:{_host.HttpAddress.Port}", echo.GetProperty("host").GetString());
        Assert.Equal("127.0.0.1", echo.GetProperty("remote").GetString());
        Assert.Equal("http", echo.GetProperty("scheme").GetString());
    }

    [Fact]
    public async Task Request_WithTheFrontEndsOwnHeaders_LosesThem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "echo/a");
        request.Headers.Add("X-ARR-ClientCert", "forged");
        request.Headers.Add("X-MS-CLIENT-PRINCIPAL", "forged");
        request.Headers.Add("x-ms-invocation-id", "forged");

        var echo = await SendAsync(request);

        Assert.Equal("", echo.GetProperty("certificate").GetString());
        Assert.Equal("", echo.GetProperty("principal").GetString());
        Assert.Equal(echo.GetProperty("invocationId").GetString(), echo.GetProperty("invocation").GetString());
    }

    [Fact]
    public async Task Request_WithATrace_HandsItOn()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "echo/a");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        Assert.StartsWith(
            "00-0af7651916cd43dd8448eb211c80319c-",
            (await SendAsync(request)).GetProperty("traceParent").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithoutATrace_HasOneAllTheSame() =>
        Assert.Matches(
            "^00-[0-9a-f]{32}-[0-9a-f]{16}-00$",
            (await _client.GetFromJsonAsync<JsonElement>("echo/a", Cancel)).GetProperty("traceParent").GetString());

    [Theory]
    [InlineData("GET", "nothing-here", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "../echo/a", HttpStatusCode.NotFound, null)]
    [InlineData("PUT", "echo/a", HttpStatusCode.MethodNotAllowed, "GET, POST")]
    [InlineData("HEAD", "echo/a", HttpStatusCode.MethodNotAllowed, "GET, POST")]
    [InlineData("GET", "length", HttpStatusCode.MethodNotAllowed, "POST")]
    public async Task Request_WithoutAFunction_IsAnsweredWithoutAnInvocation(
        string method, string path, HttpStatusCode status, string? allow)
    {
        var before = _test.CountOf("Executing Echo") + _test.CountOf("Executing Length");
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(allow, response.Content.Headers.Allow.Count == 0 ? null : string.Join(", ", response.Content.Headers.Allow.Order()));
        Assert.Equal(before, _test.CountOf("Executing Echo") + _test.CountOf("Executing Length"));
    }

    [Fact]
    public async Task Head_FunctionThatTakesIt_AnswersWithoutABody()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "big?bytes=70000");

        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal((HttpStatusCode.OK, 70_000L), (response.StatusCode, response.Content.Headers.ContentLength));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Answer_WithoutABody_KeepsStatusAndHeaders()
    {
        using var response = await _client.DeleteAsync(new Uri("empty", UriKind.Relative), Cancel);

        Assert.Equal((HttpStatusCode.NoContent, "\"1\""), (response.StatusCode, response.Headers.ETag?.Tag));
    }

    // Nothing written; some written, but kept back; the last byte that is kept back.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_048_576)]
    public async Task Function_Throws_Is500WithoutDetails(int written)
    {
        using var response = await _client.GetAsync(new Uri($"throws?bytes={written}", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        var logged = _test.Logs.Entries.Last(entry => entry.Message.StartsWith("Failed Throws", StringComparison.Ordinal));
        Assert.Contains("the secret of the function", logged.Exception!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Function_ThrowsAfterALongAnswerBegan_CutsItOff()
    {
        using var response = await _client.GetAsync(
            new Uri("throws?bytes=2000000&wait=1", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var released = await _client.GetAsync(new Uri("throw", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.CopyToAsync(Stream.Null, Cancel));
    }

    [Fact]
    public async Task Answer_OfManyMebibytes_ArrivesWhole()
    {
        // Every byte of it is also echoed in the invocation's return value, which is nobody's.
        using var response = await _client.GetAsync(
            new Uri("big?bytes=20000000", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);

        using var body = new MemoryStream();
        await response.Content.CopyToAsync(body, Cancel);
        Assert.Equal(20_000_000, body.Length);
    }

    [Theory]
    [InlineData(100_000, false, HttpStatusCode.OK)]
    [InlineData(100_001, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(100_000, true, HttpStatusCode.OK)]
    [InlineData(100_001, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_AtTheLimit_IsTakenAndPastItRefused(int bytes, bool chunked, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "length")
        {
            Content = new StreamContent(new MemoryStream(new byte[bytes])),
        };
        if (chunked) request.Headers.TransferEncodingChunked = true;

        using var response = await _client.SendAsync(request, Cancel);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.OK) Assert.Equal($"{bytes}", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Client_GoesAway_CancelsTheFunction()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var request = _client.GetAsync(new Uri("slow", UriKind.Relative), gone.Token);
        await _test.SeenAsync("slow runs");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await _test.SeenAsync("slow cancelled");

        // The worker answers a function that lets its cancellation escape with a failure; it is none.
        await _test.SeenAsync("Canceled Slow");
        Assert.Equal(0, _test.CountOf("Failed Slow"));
    }

    [Fact]
    public async Task Requests_AThousandAtOnce_AreAllAnswered()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 1_000).Select(number => _client.GetFromJsonAsync<JsonElement>($"echo/{number}", Cancel)));

        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(number => $"{number}"), answers.Select(answer => answer.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Logs_OfAnInvocation_ArriveWithLevelEventAndException()
    {
        using var response = await _client.GetAsync(new Uri("logs", UriKind.Relative), Cancel);
        await _test.SeenAsync("the warning");

        var warning = Assert.Single(_test.Logs.Entries, entry => entry.Message == "the warning");
        Assert.Equal(
            ("Emulator.FunctionsHost.TestApp.HttpFunctions", Microsoft.Extensions.Logging.LogLevel.Warning),
            (warning.Category, warning.Level));
        Assert.Contains("the reason", warning.Exception!.ToString(), StringComparison.Ordinal);
        Assert.Contains("the note", _test.Texts());
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using var response = await _client.SendAsync(request, Cancel);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>One host for all tests of the class.</summary>
    public sealed class RunningHost : IAsyncLifetime
    {
        internal TestHost Test { get; } = new TestHost().With("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "100000");

        internal FunctionsHost Host { get; private set; } = null!;

        internal HttpClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await Test.StartAsync("Echo", "Throws", "Throw", "Slow", "Length", "Big", "Empty", "Logs");
            Client = new HttpClient { BaseAddress = new Uri(Host.HttpAddress, "api/") };
        }

        public async ValueTask DisposeAsync()
        {
            Client?.Dispose();
            if (Host is not null) await Host.DisposeAsync();
        }
    }
}
