using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Core.Tests;
using Relay.Functions.Live;
using Relay.Functions.Settlement;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Functions.Tests.Live;

public sealed class LiveFeedsTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;
    private const string Path = $"/api/negotiations/{Name}/events";
    private const int MostSteps = 120;

    private readonly ReadingFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LiveFeeds Feeds => _fixture.Get<LiveFeeds>();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task View_OfANegotiation_IsToldWhatChangedAndNothingElse()
    {
        await using var fixture = new FunctionsFixture();
        using var view = fixture.Create<LiveFeeds>().TryOpen(Name)!;
        var first = await view.NextAsync(null, Token);
        Assert.Equal((0, 0), Said(first));
        // The same again, for however long: no other event.
        var waiting = view.NextAsync(first.Id, Token).AsTask();
        for (var i = 0; i < 20; i++) await StepAsync(fixture.Time);
        Assert.False(waiting.IsCompleted);
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        await fixture.Create<EnvelopeProcessor>().ProcessAsync([FunctionsFixture.Message(wire)], fixture.Actions, Lane.Normal, Token);
        var last = first;
        for (var events = 0; Said(last) is not (1, > 0); events++)
        {
            Assert.True(events < 10, $"expected one envelope in and in the ledger, got {Said(last)}");
            last = await NextAsync(view, last.Id, fixture.Time);
        }

        // Whoever comes without an event has the newest, and what was between is nobody's.
        Assert.Equal(Said(last), Said(await view.NextAsync(null, Token)));

        static (int In, int Size) Said(LiveEvent one) => ((int)Data(one)["lastHour"]!["in"]!, (int)Data(one)["ledger"]!["size"]!);
    }

    [Fact]
    public async Task Viewers_TwoHundredOfOneNegotiation_CostTheStoreWhatOneDoes()
    {
        await _fixture.CommitAsync(3);
        Assert.Equal(await ReadsAsync(1), await ReadsAsync(200));

        async Task<int> ReadsAsync(int viewers)
        {
            var views = Enumerable.Range(0, viewers).Select(_ => Feeds.TryOpen(Name)!).ToList();
            await NextAsync(views[0], null, _fixture.Time);
            await StepAsync(_fixture.Time);
            await RestAsync(_fixture.Time);
            var before = _fixture.Store.Reads;
            for (var i = 0; i < 20; i++) await StepAsync(_fixture.Time);
            await RestAsync(_fixture.Time);
            await Task.WhenAll(views.Select(view => view.NextAsync(null, Token).AsTask()));
            var reads = _fixture.Store.Reads - before;
            foreach (var view in views) view.Dispose();
            // With the last of them goes the reader.
            while (_fixture.Time.IsArmed(LiveFeeds.NegotiationEvery)) await Task.Yield();
            return reads;
        }
    }

    [Fact]
    public async Task Viewers_MoreThanMay_AreToldToComeAgainUntilOneHasGone()
    {
        await using var app = await AppUnderTest.StartAsync(_fixture);
        var views = Enumerable.Range(0, ReadingFixture.MaxViewers).Select(_ => Feeds.TryOpen(Name)!).ToList();
        using (var refused = await app.SendAsync(HttpMethod.Get, Path))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("urn:relay:too-many-viewers", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        views[0].Dispose();
        views[0].Dispose();
        using (var taken = await app.SendAsync(HttpMethod.Get, Path)) Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        // Its place is free again when it has gone.
        LiveView? next;
        while ((next = Feeds.TryOpen(Name)) is null) await Task.Yield();
        views.Add(next);
        foreach (var view in views) view.Dispose();
    }

    [Fact]
    public async Task Stream_ByItsLastEvent_GoesOnAndEndsInTime()
    {
        await _fixture.CommitAsync(1);
        await using var app = await AppUnderTest.StartAsync(_fixture);
        string id;
        using (var answer = await app.SendAsync(HttpMethod.Get, Path)) id = (await LinesAsync(answer, 3))[2]["id: ".Length..];

        using var resumed = await app.SendAsync(HttpMethod.Get, Path, request => request.Headers.Add("Last-Event-ID", id));
        await using var body = await resumed.Content.ReadAsStreamAsync(Token);
        using var lines = new StreamReader(body, Encoding.UTF8);
        var rest = new List<string>();
        Assert.Equal(("retry: 1000", ""), (await LineAsync(lines), await LineAsync(lines)));
        // What it has is not told again; that it lives is, until its time is over.
        var left = new LiveOptions().Lifetime;
        while (left > TimeSpan.Zero)
        {
            while (!_fixture.Time.IsArmed(EventStreamAnswer.KeepAlive)) await Task.Yield();
            _fixture.Time.Advance(EventStreamAnswer.KeepAlive);
            left -= EventStreamAnswer.KeepAlive;
            rest.Add((await LineAsync(lines))!);
            Assert.Equal("", await LineAsync(lines));
        }

        Assert.Null(await LineAsync(lines));
        Assert.All(rest, line => Assert.Equal(":", line));
    }

    [Fact]
    public async Task Viewers_OfTwoHundredNegotiations_CostOneTimerAndOneReadASecondEach()
    {
        using var other = Feeds.TryOpen(null)!;
        await other.NextAsync(null, Token);
        while (!_fixture.Time.IsArmed(LiveFeeds.RelayEvery)) await Task.Yield();
        var timers = _fixture.Time.ArmedTimers;
        var views = Enumerable.Range(1, ReadingFixture.MaxViewers - 1).Select(i => Feeds.TryOpen($"doha-{i}")!).ToList();
        foreach (var view in views) await TestDeadline.Within(view.NextAsync(null, Token).AsTask());
        await RestAsync(_fixture.Time);
        Assert.Equal(timers + 1, _fixture.Time.ArmedTimers);

        var before = _fixture.Store.Reads;
        const int Seconds = 4;
        for (var i = 0; i < 2 * Seconds; i++) await StepAsync(_fixture.Time);
        await RestAsync(_fixture.Time);

        Assert.Equal(timers + 1, _fixture.Time.ArmedTimers);
        Assert.InRange(_fixture.Store.Reads - before, 1, Seconds * (views.Count + 1));
        foreach (var view in views) view.Dispose();
        Assert.Equal(timers, _fixture.Time.ArmedTimers);
    }

    [Fact]
    public async Task Rounds_OneComesBetween_IsReadAtOnceAndTheOthersWithTheNext()
    {
        var (time, rounds) = (new ManualTimeProvider(), 0);
        var (first, second) = (0, 0);
        var all = new LiveRounds(LiveFeeds.NegotiationEvery, time);
        var one = new LiveFeed(_ => ValueTask.FromResult<LiveEvent?>(new LiveEvent($"{++first}", default)));
        var other = new LiveFeed(_ => ValueTask.FromResult<LiveEvent?>(new LiveEvent($"{++second}", default)));
        all.Add(one);
        Assert.Equal("1", (await TestDeadline.Within(one.NextAsync(null, Token).AsTask())).Id);
        await RestAsync(time);

        all.Add(other);
        Assert.Equal("1", (await TestDeadline.Within(other.NextAsync(null, Token).AsTask())).Id);
        Assert.Equal(1, first);
        for (; rounds < 3; rounds++)
        {
            await StepAsync(time);
        }

        await RestAsync(time);
        Assert.Equal((1 + rounds, 1 + rounds), (first, second));
        Assert.Null(all.Remove(other));
        all.Remove(one)!();
        await TestDeadline.Within(all.Running);
    }

    [Fact]
    public async Task Rounds_OneReadHangs_TheOthersGoOnAndItIsNotReadTwice()
    {
        var (time, hanging) = (new ManualTimeProvider(), new TaskCompletionSource<LiveEvent?>());
        var (hung, reads) = (0, 0);
        var all = new LiveRounds(LiveFeeds.NegotiationEvery, time);
        var slow = new LiveFeed(_ =>
        {
            hung++;
            return new(hanging.Task);
        });
        var quick = new LiveFeed(_ => ValueTask.FromResult<LiveEvent?>(new LiveEvent($"{++reads}", default)));
        all.Add(slow);
        all.Add(quick);
        string? last = null;
        for (var i = 0; i < 3; i++)
        {
            last = (await TestDeadline.Within(quick.NextAsync(last, Token).AsTask())).Id;
            await StepAsync(time);
        }

        Assert.Equal(1, hung);
        hanging.SetResult(new LiveEvent("slow", default));
        Assert.Equal("slow", (await TestDeadline.Within(slow.NextAsync(null, Token).AsTask())).Id);
        Assert.Null(all.Remove(slow));
        all.Remove(quick)!();
        await TestDeadline.Within(all.Running);
    }

    [Fact]
    public async Task Rounds_FeedWhoseReaderFails_GoesOnWithTheNext()
    {
        var (time, reads) = (new ManualTimeProvider(), 0);
        var rounds = new LiveRounds(LiveFeeds.NegotiationEvery, time);
        var feed = new LiveFeed(_ => ValueTask.FromResult(++reads % 2 == 0 ? new LiveEvent($"{reads}", default) : null));
        rounds.Add(feed);
        var waiting = feed.NextAsync(null, Token).AsTask();
        while (!waiting.IsCompleted)
        {
            await StepAsync(time);
        }

        Assert.Equal(0, int.Parse((await waiting).Id, System.Globalization.CultureInfo.InvariantCulture) % 2);
        rounds.Remove(feed)!();
        await TestDeadline.Within(rounds.Running);
    }

    private static async Task<List<string>> LinesAsync(HttpResponseMessage answer, int count)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(Token);
        using var reader = new StreamReader(body, Encoding.UTF8);
        var lines = new List<string>();
        while (lines.Count < count) lines.Add((await LineAsync(reader))!);
        return lines;
    }

    private static Task<string?> LineAsync(StreamReader lines) => TestDeadline.Within(lines.ReadLineAsync(Token).AsTask());

    private static JsonNode Data(LiveEvent one)
    {
        const string Field = "data: ";
        var lines = Encoding.UTF8.GetString(one.Frame.Span).Split('\n');
        return JsonNode.Parse(lines.Single(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..])!;
    }

    // Readings for a minute at most: what was read reaches the view through the thread pool, and a test that reads on meanwhile would have
    // an hour pass, and with it what was counted, before the view hears of it.
    private static async Task<LiveEvent> NextAsync(LiveView view, string? id, ManualTimeProvider time)
    {
        var next = view.NextAsync(id, Token).AsTask();
        for (var steps = 0; !next.IsCompleted && steps < MostSteps; steps++) await StepAsync(time);
        return await TestDeadline.Within(next);
    }

    // Once the reader rests, its next read.
    private static async Task StepAsync(ManualTimeProvider time)
    {
        await RestAsync(time);
        time.Advance(LiveFeeds.NegotiationEvery);
    }

    private static async Task RestAsync(ManualTimeProvider time)
    {
        while (!time.IsArmed(LiveFeeds.NegotiationEvery)) await Task.Yield();
    }
}
