using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>The app's own routes as a client meets them: through the host's front, to the genuine worker and back.</summary>
[Collection(RelayedEnvelope.Collection)]
public sealed class HttpFrontTests(RelayedEnvelope relayed)
{
    private const string Submission = "envelopes";
    private const string Acknowledgement = "acknowledgements";
    private const string Prekeys = "negotiations/{negotiation}/delegations/{delegation}/prekeys";
    private const string Submit = "SubmitEnvelope";
    private const string Health = "health/live";

    // Answers 503 whenever it is not: a busy machine may have it so in the middle of these tests.
    private const string Ready = "health/ready";

    // Operators' alone.
    private const string Stats = "stats";
    private const string AllEvents = "events";
    private const string Events = "negotiations/{negotiation}/events";
    private const string DeadLetters = "dead-letters";
    private const string Mode = "negotiations/{negotiation}/mode";

    // What the host takes of a body, whoever it is for (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).
    private const long HostLimit = 100L * 1_024 * 1_024;

    // What is told to anybody: nothing of a negotiation is in it.
    private static readonly string[] Open = [Health, "openapi.json", "dashboard"];

    // As the build wrote it for the host.
    private static readonly string[] Routes = ReadRoutes();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reads =>
    [
        .. Routes.Where(
            route => route is not (Submission or Acknowledgement or Ready or Stats or Events or AllEvents)
                && !route.StartsWith(Prekeys, StringComparison.Ordinal) && !route.StartsWith(DeadLetters, StringComparison.Ordinal)),
    ];

    [Fact]
    public void Routes_OfTheBuiltApp_AreAllThere() => Assert.Equal(
        (true, true, true), (Routes.Length >= 16, Routes.Contains(Submission), Routes.Contains(Acknowledgement)));

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Get_OfEveryRoute_IsAnsweredToAMember(string route)
    {
        using var answer = await SendAsync(HttpMethod.Get, route);
        var body = await answer.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(body);
        Assert.NotNull(answer.Headers.ETag);

        using var head = await SendAsync(HttpMethod.Head, route);
        Assert.Equal(
            (HttpStatusCode.OK, body.Length, answer.Headers.ETag),
            (head.StatusCode, head.Content.Headers.ContentLength, head.Headers.ETag));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));

        using var known = await SendAsync(HttpMethod.Get, route, request => request.Headers.IfNoneMatch.Add(answer.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        using var part = await SendAsync(HttpMethod.Get, route, request => request.Headers.Range = new(1, 3));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(body[1..4], await part.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Get_WithoutACertificate_IsRefusedWhereTheLedgerIsRead(string route)
    {
        using var answer = await relayed.Nobody.GetAsync(new Uri(relayed.PathOf(route), UriKind.Relative), Token);
        Assert.Equal(Open.Contains(route) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task OtherMethods_OfEveryRoute_AreAnsweredWithWhatIsAllowed(string route)
    {
        using var options = await SendAsync(HttpMethod.Options, route);
        using var patch = await SendAsync(HttpMethod.Patch, route);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.MethodNotAllowed), (options.StatusCode, patch.StatusCode));
        string[] allowed = route == Mode ? ["GET", "HEAD", "OPTIONS", "PUT"] : ["GET", "HEAD", "OPTIONS"];
        Assert.Equal(allowed, patch.Content.Headers.Allow.Order(StringComparer.Ordinal));
        Assert.Equal(patch.Content.Headers.Allow, options.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(0, false, HttpStatusCode.Accepted)]
    [InlineData(0, true, HttpStatusCode.Accepted)]
    [InlineData(1, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(1, true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(300_000, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Post_AtTheLimit_IsTakenAndPastItRefused(int over, bool chunked, HttpStatusCode status)
    {
        // Space after the last brace belongs to the message and says nothing.
        var wire = await relayed.SignAsync(Lane.Normal, 1, new string('x', EnvelopeLimits.DefaultMaxWireBytes / 4));
        var body = Enumerable.Repeat((byte)' ', EnvelopeLimits.DefaultMaxWireBytes + over).ToArray();
        wire.CopyTo(body, 0);

        using var answer = await relayed.PostAsync(body, TimeSpan.Zero, chunked, cancellationToken: Token);
        Assert.Equal(status, answer.StatusCode);
        if (over > 0) Assert.Contains("urn:relay:oversize", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_OfMoreThanTheHostTakes_IsRefusedBeforeItComes() =>
        Assert.StartsWith(
            "HTTP/1.1 413",
            await SayAsync($"POST /api/envelopes HTTP/1.1\r\nHost: localhost\r\nContent-Length: {HostLimit + 1}\r\n\r\n"),
            StringComparison.Ordinal);

    [Fact]
    public async Task Client_GoesAwayInItsBody_EndsTheFunction()
    {
        using var invocations = new Invocations();
        using (var client = await ConnectAsync())
        {
            var head =
                "POST /api/envelopes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\ntraceparent: "
                    + $"{invocations.TraceParent}\r\n\r\n{{";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await TestDeadline.Until(() => invocations.Started(Submit), "the function, which begins with the headers");
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await TestDeadline.Until(() => invocations.Ended(Submit).Any(), "the end of the function");
        await AssertHealthyAsync();
    }

    [Fact]
    public async Task Client_GoesAwayWhileItWaits_CancelsTheFunction()
    {
        // The second of a lane whose first never comes: it is held, and has no receipt however long somebody waits.
        var held = await relayed.SignAsync(Lane.Urgent, 2);
        using var invocations = new Invocations();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = relayed.PostAsync(
            held, RelayedEnvelope.Patience, traceParent: invocations.TraceParent, cancellationToken: gone.Token);
        await TestDeadline.Until(
            () => invocations.Ended("RelayUrgentEnvelope").Any(), "the envelope on its queue and off it: from now on its caller waits");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await TestDeadline.Until(() => invocations.Ended(Submit).Any(), "the end of the function");
        Assert.Equal("Canceled", Assert.Single(invocations.Ended(Submit)));
        await AssertHealthyAsync();
    }

    [Fact]
    public async Task Events_OfANegotiation_ComeAsTheyHappenAndEndWithTheirViewer()
    {
        using var invocations = new Invocations();
        using (var request = new HttpRequestMessage(HttpMethod.Get, new Uri(relayed.PathOf(Events), UriKind.Relative)))
        {
            request.Headers.Add("traceparent", invocations.TraceParent);
            using var answer = await relayed.Member.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
            await using var body = await answer.Content.ReadAsStreamAsync(Token);
            using var lines = new StreamReader(body, Encoding.UTF8);
            var before = await SizeAsync(lines);
            using var posted = await relayed.PostAsync(
                await relayed.SignAsync(Lane.Urgent, 1), RelayedEnvelope.Patience, cancellationToken: Token);
            Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
            while (await SizeAsync(lines) == before) continue;
        }

        await TestDeadline.Until(() => invocations.Ended("ReadNegotiationEvents").Any(), "the end of the function");
        await AssertHealthyAsync();

        // Entries by the next event.
        async Task<long> SizeAsync(StreamReader lines)
        {
            while (true)
            {
                var line = await TestDeadline.Within(lines.ReadLineAsync(Token).AsTask());
                Assert.NotNull(line);
                if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
                using var stats = JsonDocument.Parse(line["data: ".Length..]);
                return stats.RootElement.GetProperty("ledger").GetProperty("size").GetInt64();
            }
        }
    }

    [Fact]
    public async Task Requests_AThousandAtOnce_AreAllAnswered()
    {
        var routes = Reads.Select(row => row.Data).ToArray();
        var requests = Enumerable.Range(0, 1_000).Select(async number =>
        {
            using var answer = await SendAsync(HttpMethod.Get, routes[number % routes.Length]);
            return (answer.StatusCode, Length: (await answer.Content.ReadAsByteArrayAsync(Token)).Length > 0);
        });
        Assert.All(await Task.WhenAll(requests), answer => Assert.Equal((HttpStatusCode.OK, true), answer));
    }

    [Fact]
    public async Task Worker_IsKilled_IsAnsweredForWith503UntilTheNextIsThere()
    {
        var killed = relayed.Stack.WorkerProcessId!.Value;
        using (var worker = Process.GetProcessById(killed)) worker.Kill();
        var statuses = new List<HttpStatusCode>();
        await TestDeadline.Until(() => relayed.Stack.WorkerProcessId is not { } running || running != killed, "the end of the worker");
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default,
                "expected a worker again, got 503 for as long as a test waits");
            using var answer = await SendAsync(HttpMethod.Get, Health);
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
        while (statuses[^1] == HttpStatusCode.ServiceUnavailable);

        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK], statuses.Distinct());
        Assert.NotEqual(killed, relayed.Stack.WorkerProcessId);
    }

    private static string[] ReadRoutes()
    {
        using var functions = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(LocalWorker.DefaultFolder, "functions.metadata")));
        return
        [
            .. functions.RootElement.EnumerateArray().SelectMany(function => function.GetProperty("bindings").EnumerateArray())
                .Where(binding => binding.GetProperty("type").GetString() == "httpTrigger")
                .Select(binding => binding.GetProperty("route").GetString()!),
        ];
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string route, Action<HttpRequestMessage>? shape = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(relayed.PathOf(route), UriKind.Relative));
        shape?.Invoke(request);
        return await relayed.Member.SendAsync(request, Token);
    }

    private async Task AssertHealthyAsync()
    {
        using var answer = await SendAsync(HttpMethod.Get, Health);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, relayed.Stack.Endpoints.Http.Port, Token);
        return client;
    }

    // The first line of the answer.
    private async Task<string?> SayAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await TestDeadline.Within(reader.ReadLineAsync(Token).AsTask());
    }
}
