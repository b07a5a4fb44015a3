using System.Net;
using System.Net.Http.Headers;
using Relay.Core.Tests;
using Relay.Functions.Tests.Reading;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Functions.Tests.Http;

/// <summary>What RFC 9110 lets a client expect, of every route that the app has.</summary>
public sealed class HttpSemanticsTests : IAsyncLifetime
{
    private const string Name = TestNegotiation.Name;
    private const string Negotiation = "negotiations/{negotiation}/";
    private const string Envelope = "envelopes/{negotiation}/{sender}/{lane}/{sequence}";

    private const string Redrive = "dead-letters/redrive";
    private const string Drop = "dead-letters/drop";
    private const string Prekeys = Negotiation + "delegations/{delegation}/prekeys";

    // One request that succeeds for every route of the app; a route that is not here fails the first test.
    private static readonly Dictionary<string, string> Reads = new()
    {
        [Envelope] = $"envelopes/{Name}/us/normal/1",
        [Envelope + "/receipt"] = $"envelopes/{Name}/us/normal/1/receipt",
        [Negotiation + "checkpoint"] = $"negotiations/{Name}/checkpoint",
        [Negotiation + "certificate/{keyId}"] = $"negotiations/{Name}/certificate/KEY",
        [Negotiation + "tile/{*path}"] = $"negotiations/{Name}/tile/entries/000.p/3",
        [Negotiation + "policies/{digest}"] = $"negotiations/{Name}/policies/POLICY",
        [Negotiation + "signals"] = $"negotiations/{Name}/signals?until=UNTIL",
        [Negotiation + "stats"] = $"negotiations/{Name}/stats",
        ["stats"] = "stats",
        ["dead-letters"] = "dead-letters?lane=normal&count=3",
        ["dead-letters/log"] = "dead-letters/log?from=0",
        [Negotiation + "mode"] = $"negotiations/{Name}/mode",
        [Negotiation + "consistency"] = $"negotiations/{Name}/consistency?from=1&to=3",
        ["dashboard"] = "dashboard",
        ["health/live"] = "health/live",
        ["health/ready"] = "health/ready",
        ["openapi.json"] = "openapi.json",
    };

    // What has no end, and so no tag, no length and no parts.
    private static readonly Dictionary<string, string> Streams = new()
    {
        [Negotiation + "events"] = $"negotiations/{Name}/events",
        ["events"] = "events",
    };

    private readonly ReadingFixture _fixture = new();
    private AppUnderTest _app = null!;
    private string _keyId = "";

    public static TheoryData<string> ReadRoutes => [.. Reads.Keys];

    public static TheoryData<string> Routes => [.. AppUnderTest.Functions.Select(function => function.Trigger.Route!)];

    public async ValueTask InitializeAsync()
    {
        await _fixture.CommitAsync(3);
        _fixture.Ledger.KeepDocument();
        var read = await _fixture.Reader.CheckpointAsync(Name, TestContext.Current.CancellationToken);
        Assert.True(read.IsFound);
        _keyId = read.Value.Note.Signatures[0].KeyId.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
        _app = await AppUnderTest.StartAsync(_fixture);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public void Routes_OfTheApp_AreAllTriedHere() =>
        Assert.Equal(
            Reads.Keys.Concat(Streams.Keys)
                .Concat(["envelopes", "acknowledgements", Prekeys, Prekeys + "/claim", Prekeys + "/check", Redrive, Drop])
                .Order(StringComparer.Ordinal),
            AppUnderTest.Functions.Select(function => function.Trigger.Route!).Order(StringComparer.Ordinal));

    // A trigger that names methods makes the host answer 404 to every other, without Allow.
    [Fact]
    public void Triggers_OfTheApp_LeaveMethodsToTheApp() =>
        Assert.All(AppUnderTest.Functions, function => Assert.True(function.Trigger.Methods is null or []));

    [Theory]
    [MemberData(nameof(ReadRoutes))]
    public async Task Head_OfEveryRead_IsGetWithoutABody(string route)
    {
        var (good, bad) = (Path(route), Path(route).Replace(Name, "Bad", StringComparison.Ordinal));
        foreach (var (path, caller) in new[] { (good, (string?)"member"), (good, null), (good, "stranger"), (bad, "member") })
        {
            using var get = await _app.SendAsync(HttpMethod.Get, path, caller: caller);
            using var head = await _app.SendAsync(HttpMethod.Head, path, caller: caller);
            Assert.Equal(get.StatusCode, head.StatusCode);
            Assert.Equal(Headers(get), Headers(head));
            var body = await get.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            Assert.Equal(body.Length, head.Content.Headers.ContentLength);
            Assert.NotEmpty(body);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [MemberData(nameof(ReadRoutes))]
    public async Task Conditions_OnEveryRead_AreHeeded(string route)
    {
        var path = Path(route);
        using var plain = await _app.SendAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        var tag = Assert.IsType<EntityTagHeaderValue>(plain.Headers.ETag);
        Assert.False(tag.IsWeak);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            foreach (var known in new[] { tag.ToString(), $"\"x\", {tag}", $"W/{tag}", "*" })
            {
                using var same = await _app.SendAsync(
                    method, path, request => request.Headers.TryAddWithoutValidation("If-None-Match", known));
                Assert.Equal((HttpStatusCode.NotModified, tag), (same.StatusCode, same.Headers.ETag));
                Assert.Equal(plain.Headers.CacheControl, same.Headers.CacheControl);
                Assert.Empty(await same.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            }

            await AssertStatusAsync(HttpStatusCode.OK, method, path, "If-None-Match", "\"x\"");
            await AssertStatusAsync(HttpStatusCode.OK, method, path, "If-Match", tag.ToString());
            await AssertStatusAsync(HttpStatusCode.PreconditionFailed, method, path, "If-Match", "\"x\"");
            // There is no modification date to hold it against.
            await AssertStatusAsync(HttpStatusCode.OK, method, path, "If-Modified-Since", "Sun, 06 Nov 2094 08:49:37 GMT");
        }
    }

    [Theory]
    [MemberData(nameof(ReadRoutes))]
    public async Task Range_OnEveryRead_IsServed(string route)
    {
        var path = Path(route);
        using var plain = await _app.SendAsync(HttpMethod.Get, path);
        var whole = await plain.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("bytes", Assert.Single(plain.Headers.AcceptRanges));
        var size = whole.Length;
        foreach (var (range, from, to) in new[]
        {
            ("bytes=0-3", 0, 4),
            ("bytes=2-", 2, size),
            ("bytes=-5", size - 5, size),
            ("bytes=1-999999", 1, size),
        })
        {
            using var part = await _app.SendAsync(HttpMethod.Get, path, request => request.Headers.TryAddWithoutValidation("Range", range));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(new ContentRangeHeaderValue(from, to - 1, whole.Length), part.Content.Headers.ContentRange);
            Assert.Equal(whole[from..to], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal(plain.Headers.ETag, part.Headers.ETag);
        }

        using var beyond = await _app.SendAsync(
            HttpMethod.Get, path, request => request.Headers.TryAddWithoutValidation("Range", $"bytes={whole.Length}-"));
        Assert.Equal(
            (HttpStatusCode.RequestedRangeNotSatisfiable, new ContentRangeHeaderValue(size)),
            (beyond.StatusCode, beyond.Content.Headers.ContentRange));
        foreach (var ignored in new[] { "bytes=0-1,4-5", "lines=1-2", "bytes=5-2" })
        {
            await AssertStatusAsync(HttpStatusCode.OK, HttpMethod.Get, path, "Range", ignored);
        }

        await AssertStatusAsync(HttpStatusCode.OK, HttpMethod.Head, path, "Range", "bytes=0-3");
        foreach (var (tag, status) in new[]
        {
            (plain.Headers.ETag!.ToString(), HttpStatusCode.PartialContent),
            ("\"old\"", HttpStatusCode.OK),
        })
        {
            using var resumed = await _app.SendAsync(HttpMethod.Get, path, request =>
            {
                request.Headers.TryAddWithoutValidation("Range", "bytes=0-3");
                request.Headers.TryAddWithoutValidation("If-Range", tag);
            });
            Assert.Equal(status, resumed.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Method_ThatARouteHasNot_Is405WithAllow(string route)
    {
        var isRead = Reads.ContainsKey(route) || Streams.ContainsKey(route);
        string[] allowed = isRead ? ["GET", "HEAD", "OPTIONS"] : [route == Prekeys ? "PUT" : "POST", "OPTIONS"];
        if (route == Negotiation + "mode") allowed = ["GET", "HEAD", "PUT", "OPTIONS"];
        var path = isRead ? Path(route) : "/api/" + route.Replace("{negotiation}", Name, StringComparison.Ordinal);
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "FROBNICATE" }.Except(allowed))
        {
            using var answer = await _app.SendAsync(new HttpMethod(method), path, caller: null);
            Assert.Equal(
                (HttpStatusCode.MethodNotAllowed, string.Join(", ", allowed)),
                (answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
        }

        using var options = await _app.SendAsync(HttpMethod.Options, path, caller: null);
        Assert.Equal(
            (HttpStatusCode.NoContent, string.Join(", ", allowed)),
            (options.StatusCode, string.Join(", ", options.Content.Headers.Allow)));
        Assert.Equal(0, _fixture.Source.Reads);
    }

    [Theory]
    [MemberData(nameof(ReadRoutes))]
    public async Task Problem_OfARead_IsNotKeptByCaches(string route)
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, Path(route).Replace(Name, "nowhere", StringComparison.Ordinal));
        if (!route.Contains("{negotiation}", StringComparison.Ordinal)) return;
        Assert.Equal((HttpStatusCode.Forbidden, true), (answer.StatusCode, answer.Headers.CacheControl?.NoStore));
    }

    private static readonly string[] Hostile =
    [
        new('a', 300), new(
            'a', 4_000), "Doha-2026", "..%2f..%2fetc", "%2e%2e", "a%00b", "%c3%28", "doha%202026", "-", "%f0%9f%98%80", "a.json", "CON",
    ];

    public static TheoryData<string, string> HostileValues =>
    [
        .. from route in Reads.Keys.Concat(Streams.Keys)
           where route.Contains('{', StringComparison.Ordinal)
           from value in Hostile
           select new TheoryDataRow<string, string>(route, value),
    ];

    [Theory]
    [MemberData(nameof(HostileValues))]
    public async Task RouteValue_OfAnyText_IsCheckedBeforeItIsUsed(string route, string value)
    {
        // The path of the sample, one value after the other replaced.
        var template = route.Split('/');
        var sample = Path(route)["/api/".Length..].Split('?')[0].Split('/');
        for (var i = 0; i < template.Length; i++)
        {
            if (!template[i].StartsWith('{')) continue;
            var blobs = _fixture.Store.Reads;
            var reads = _fixture.Source.Reads;
            string[] changed = [.. sample[..i], value, .. template[i].StartsWith("{*", StringComparison.Ordinal) ? [] : sample[(i + 1)..]];
            using var answer = await _app.SendAsync(HttpMethod.Get, "/api/" + string.Join('/', changed), caller: "member");
            Assert.InRange((int)answer.StatusCode, 400, 404);
            Assert.Equal(blobs, _fixture.Store.Reads);
            if (template[i] == "{negotiation}") Assert.Equal(reads, _fixture.Source.Reads);
        }
    }

    public static TheoryData<string> StreamRoutes => [.. Streams.Keys];

    [Theory]
    [MemberData(nameof(StreamRoutes))]
    public async Task Stream_OfEvents_BeginsAtOnceAndIsKeptNowhere(string route)
    {
        using var get = await _app.SendAsync(HttpMethod.Get, Path(route));
        using var head = await _app.SendAsync(HttpMethod.Head, Path(route));
        foreach (var answer in new[] { get, head })
        {
            Assert.Equal(
                (HttpStatusCode.OK, "text/event-stream", true, false),
                (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), answer.Headers.CacheControl?.NoStore,
                    answer.Headers.Contains("ETag")));
        }

        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        await using var body = await get.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var lines = new StreamReader(body);
        var read = new List<string?>();
        while (read.Count < 6) read.Add(await TestDeadline.Within(lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()));
        Assert.Equal(("retry: 1000", "", "event: stats", ""), (read[0], read[1], read[3], read[5]));
        Assert.Matches("^id: [A-Za-z0-9_-]{43}$", read[2]);
        Assert.StartsWith("data: {", read[4], StringComparison.Ordinal);
    }

    private string Path(string route) => "/api/" + (Streams.GetValueOrDefault(route) ?? Reads[route])
        .Replace("KEY", _keyId, StringComparison.Ordinal)
        .Replace("UNTIL", $"{_fixture.Time.GetUtcNow().ToUnixTimeMilliseconds()}", StringComparison.Ordinal)
        .Replace("POLICY", Digest.Of(_fixture.Ledger.Document).ToString(), StringComparison.Ordinal);

    private async Task AssertStatusAsync(HttpStatusCode expected, HttpMethod method, string path, string header, string value)
    {
        using var answer = await _app.SendAsync(method, path, request => request.Headers.TryAddWithoutValidation(header, value));
        Assert.Equal((header, value, expected), (header, value, answer.StatusCode));
    }

    private static IEnumerable<string> Headers(HttpResponseMessage answer) => answer.Headers
        .Concat(answer.Content.Headers)
        .Where(header => header.Key != "Date")
        .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
        .Order(StringComparer.Ordinal);
}
