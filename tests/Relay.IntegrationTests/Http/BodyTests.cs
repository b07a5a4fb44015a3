using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// Bodies that are not what an operation takes, through the genuine host and worker: each is answered 4xx with a problem that says what was
/// expected. The operations are those of the served description that take a body, so that a new one cannot be forgotten.
/// </summary>
/// <remarks>
/// One round of each kind of body; as many as the environment variable RELAY_BODY_ROUNDS says. A body may turn out well after all, such as
/// one in which a byte of a signature beyond the quorum is changed; how many did is told.
/// </remarks>
[Collection(RelayedEnvelope.Collection)]
public sealed class BodyTests(RelayedEnvelope relayed, ITestOutputHelper output) : IDisposable
{
    private const string Variable = "RELAY_BODY_ROUNDS";
    private const string Prekeys = "/negotiations/{negotiation}/delegations/{delegation}/prekeys";
    private const int AtOnce = 16;

    private static readonly byte[] Dry = [.. """{"negotiation":"doha-2026","sender":"us","since":1,"rate":10,"dryRun":true}"""u8];
    private static readonly HttpStatusCode[] TooLarge = [HttpStatusCode.RequestEntityTooLarge];
    private static readonly HttpStatusCode[] Unsupported = [HttpStatusCode.UnsupportedMediaType];

    private readonly HttpClient _operator = LocalCertificates.OpenClient(
        relayed.Stack.Endpoints, LocalCertificates.Operator(relayed.StateFolder, TimeProvider.System));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _operator.Dispose();

    [Fact]
    public async Task Body_ThatIsNearlyRight_IsRefusedWithWhatWasExpected()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var asked) ? asked : 1;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        var routes = await RoutesAsync();
        long before = 0;
        for (var round = 0; round < rounds; round++)
        {
            var fuzz = new BodyFuzz(new Random(random.Next()));
            var bodies = routes.SelectMany(route => fuzz.Of(route.Good).Select(made => (Route: route, made.Kind, made.Body))).ToList();
            await Parallel.ForEachAsync(
                bodies,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token },
                async (one, _) =>
                {
                    using var content = new ByteArrayContent(one.Body);
                    var status = await SendAsync(one.Route, content, $"seed {seed}: {one.Route}, {one.Kind}", null);
                    statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
                });
            if (round == rounds / 2) before = WorkerBytes();
        }

        var told = string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{(int)pair.Key}: {pair.Value}"));
        output.WriteLine($"seed {seed}, {statuses.Values.Sum()} bodies over {routes.Count} operations; {told}");
        output.WriteLine($"worker's private bytes at half {before:N0}, at the end {WorkerBytes():N0}");
    }

    [Fact]
    public async Task Body_PastTheBound_Is413ByOneByteAndByMuchAnnouncedOrNot()
    {
        foreach (var route in await RoutesAsync())
        {
            foreach (var over in new[] { 1, 4 * 1024 * 1024 })
            {
                foreach (var isChunked in new[] { false, true })
                {
                    var body = new byte[route.MaxBytes + over];
                    Array.Fill(body, (byte)' ');
                    using var content = new ByteArrayContent(body);
                    await SendAsync(route, content, $"{route}, {over} over, chunked {isChunked}", TooLarge, isChunked);
                }
            }

            // At the bound it is read, and found to be nothing.
            using var most = new ByteArrayContent(Encoding.ASCII.GetBytes(new string(' ', route.MaxBytes)));
            await SendAsync(route, most, $"{route}, at the bound", [HttpStatusCode.BadRequest], isChunked: true);
        }
    }

    [Theory]
    [InlineData("Content-Encoding", "gzip")]
    [InlineData("Content-Encoding", "identity, br")]
    [InlineData("Content-Type", "multipart/form-data; boundary=x")]
    [InlineData("Content-Type", "application/json; charset=utf-16")]
    public async Task Body_ThatSaysThatItIsSomethingElse_Is415Unread(string header, string value)
    {
        foreach (var route in await RoutesAsync())
        {
            using var content = new ByteArrayContent(route.Good);
            content.Headers.TryAddWithoutValidation(header, value);
            await SendAsync(route, content, $"{route}, {header}: {value}", Unsupported);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("text/html")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Body_WhateverItIsCalled_IsJudgedByWhatItIs(string? type)
    {
        foreach (var route in await RoutesAsync())
        {
            using var content = new ByteArrayContent("a=b&c=d"u8.ToArray());
            if (type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type);
            await SendAsync(route, content, $"{route}, type {type}", [HttpStatusCode.BadRequest], isChunked: type is null);
        }
    }

    private long WorkerBytes()
    {
        using var worker = Process.GetProcessById(relayed.Stack.WorkerProcessId!.Value);
        return worker.PrivateMemorySize64;
    }

    // Null for any 4xx, and for what turned out well after all.
    private async Task<HttpStatusCode> SendAsync(
        Route route, HttpContent content, string what, HttpStatusCode[]? expected, bool isChunked = false)
    {
        var path = "api" + route.Path.Replace("{negotiation}", relayed.Negotiation, StringComparison.Ordinal)
            .Replace("{delegation}", "iran", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(route.Method, new Uri(path, UriKind.Relative)) { Content = content };
        if (isChunked) request.Headers.TransferEncodingChunked = true;
        using var answer = await ClientOf(route).SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        if (expected is null && answer.IsSuccessStatusCode) return answer.StatusCode;
        Assert.True(
            expected?.Contains(answer.StatusCode) ?? (int)answer.StatusCode is >= 400 and < 500,
            $"{what}: expected {string.Join(", ", expected ?? [])} of 4xx, got {(int)answer.StatusCode}: {text}");
        Assert.True(
            answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{what}: expected a problem, got {text}");
        var problem = JsonNode.Parse(text)!;
        Assert.True(
            ((string?)problem["detail"])?.Contains("expected", StringComparison.Ordinal),
            $"{what}: expected what was expected, got {text}");
        Assert.Equal((int)answer.StatusCode, (int?)problem["status"]);
        return answer.StatusCode;
    }

    private HttpClient ClientOf(Route route) => route.Caller switch
    {
        "anyone" => relayed.Nobody,
        "member" => relayed.Member,
        "operator" => _operator,
        _ => throw new InvalidOperationException($"nobody here is '{route.Caller}'"),
    };

    // Every operation of the served description that takes a body, with one that is good.
    private async Task<List<Route>> RoutesAsync()
    {
        Assert.True(Envelope.TryParse(relayed.Logged, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        using var iran = new LocalSigner(relayed.Cast.Delegations["iran"].Identity);
        using var us = new LocalSigner(relayed.Cast.Delegations["us"].Identity);
        var samples = new Dictionary<string, (byte[] Good, int MaxBytes)>
        {
            ["POST /envelopes"] = (relayed.Logged, EnvelopeLimits.DefaultMaxWireBytes),
            ["POST /acknowledgements"] = (await SignedBodies.SayAsync(envelope, envelope.Head.Id, iran), Acknowledgement.MaxBytes),
            ["PUT " + Prekeys] = (await SignedBodies.BundleAsync(relayed.Negotiation, iran), PrekeyBundle.MaxBytes),
            [$"POST {Prekeys}/claim"] = (await SignedBodies.ClaimAsync(envelope.Head.Id, us), PrekeyClaim.MaxBytes),
            [$"POST {Prekeys}/check"] = (Encoding.ASCII.GetBytes($"{{\"digest\":\"{envelope.Digest}\"}}"), 1_024),
            ["POST /dead-letters/redrive"] = (Dry, 4_096),
            ["POST /dead-letters/drop"] = (Dry, 4_096),
            ["PUT /negotiations/{negotiation}/mode"] = ("{\"mode\":\"open\"}"u8.ToArray(), 256),
        };
        var routes = new List<Route>();
        var document = JsonNode.Parse(await relayed.Nobody.GetStringAsync(new Uri("api/openapi.json", UriKind.Relative), Token))!;
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation is not JsonObject || operation["requestBody"] is null) continue;
                var name = $"{method.ToUpperInvariant()} {path}";
                Assert.True(samples.TryGetValue(name, out var sample), $"{name} takes a body: give this test a good one");
                var caller = (string)operation["x-relay-callers"]!.AsArray()[^1]!;
                routes.Add(new Route(name, new HttpMethod(method.ToUpperInvariant()), path, caller, sample.Good, sample.MaxBytes));
            }
        }

        Assert.Equal(samples.Keys.Order(StringComparer.Ordinal), routes.Select(route => route.Name).Order(StringComparer.Ordinal));
        return routes;
    }

    private sealed record Route(string Name, HttpMethod Method, string Path, string Caller, byte[] Good, int MaxBytes)
    {
        public override string ToString() => Name;
    }
}
