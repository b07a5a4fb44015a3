using System.Net;
using System.Text;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;
using Relay.Testing;

namespace Relay.Client.Tests.Ledger;

/// <summary>
/// A relay that does not answer as one should: every failure of the transport is "not now", and none lasts longer than the deadline.
/// </summary>
public sealed class HttpLedgerLogTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _samples.Dispose();

    public static TheoryData<string> Failures => ["refused", "cut", "cut-at-once", "client-time-out", "503"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Find_TransportFails_IsNotNow(string how)
    {
        using var client = Client(how);
        var log = new HttpLedgerLog(client, "doha-2026", _time);
        await AssertNotNowAsync(async () => await log.FindCheckpointAsync(Cancel));
        await AssertNotNowAsync(async () => await log.FindConsistencyAsync(1, 2, Cancel));
        await AssertNotNowAsync(async () => await log.FindReceiptAsync(Id, Cancel));
        await AssertNotNowAsync(async () => await log.FindTileAsync(TileId.Of(TileId.EntriesLevel, 0, 1), Cancel));
        Assert.Equal(default, await log.FindWhereaboutsAsync(Id, Cancel));
    }

    [Theory]
    [InlineData("withheld-head")]
    [InlineData("withheld-body")]
    public async Task Find_AnswerWithheld_IsNotNowAfterTheDeadline(string how)
    {
        using var client = Client(how);
        var asking = new HttpLedgerLog(client, "doha-2026", _time).FindTileAsync(TileId.Of(TileId.EntriesLevel, 0, 1), Cancel).AsTask();
        await TestDeadline.Until(() => _time.ArmedTimers > 0, "the deadline");
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(60));
        await AssertNotNowAsync(() => TestDeadline.Within(asking));
    }

    [Fact]
    public async Task Find_NotThere_IsTheLogsWord()
    {
        using var client = Client("404");
        var log = new HttpLedgerLog(client, "doha-2026", _time);
        Assert.Null(await log.FindCheckpointAsync(Cancel));
        Assert.Null(await log.FindReceiptAsync(Id, Cancel));
    }

    [Fact]
    public async Task Find_CallerGivesUp_IsACancellation()
    {
        using var client = Client("withheld-body");
        using var stop = new CancellationTokenSource();
        var asking = new HttpLedgerLog(client, "doha-2026", _time).FindCheckpointAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(asking));
    }

    [Theory]
    [InlineData(200, """{"id":"doha-2026/us/normal/1","status":"held"}""", EnvelopePlace.Held)]
    [InlineData(
        200,
        """{"id":"doha-2026/us/normal/1","status":"logged","index":3,"digest":"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"}""",
        EnvelopePlace.Logged)]
    [InlineData(200, """{"status":"pending"}""", EnvelopePlace.Pending)]
    [InlineData(200, """{"status":"something new"}""", EnvelopePlace.Unknown)]
    [InlineData(404, "", EnvelopePlace.Absent)]
    [InlineData(429, "", EnvelopePlace.Unknown)]
    public async Task FindWhereaboutsAsync_TheRelaysWord_IsRead(int status, string body, EnvelopePlace place)
    {
        using var client = new HttpClient(
            new Answers(
                () => new HttpResponseMessage((HttpStatusCode)status)
                {
                    Content = new StringContent(body, Encoding.UTF8, "application/json"),
                }))
        { BaseAddress = Base };
        var found = await new HttpLedgerLog(client, "doha-2026", _time).FindWhereaboutsAsync(Id, Cancel);
        Assert.Equal(place, found.Place);
        Assert.Equal(place == EnvelopePlace.Logged, found.Digest is not null);
    }

    [Fact]
    public async Task FindWhereaboutsAsync_WaitsForSignatures_SaysHowFarItIsAndNamesNobodyButNames()
    {
        const string Body = """
            {"status":"pending","quorum":{"weight":2,"required":3,"signed":["qatar"],
             "missing":["oman","\u001b[2J",null,"swiss"],"until":"2026-01-02T03:04:05+00:00"}}
            """;
        using var client = new HttpClient(
            new Answers(() => new HttpResponseMessage { Content = new StringContent(Body, Encoding.UTF8, "application/json") }))
        { BaseAddress = Base };
        var waits = (await new HttpLedgerLog(client, "doha-2026", _time).FindWhereaboutsAsync(Id, Cancel)).Waits!;
        Assert.Equal((2, 3, "oman swiss"), (waits.Weight, waits.Required, string.Join(' ', waits.Mediators)));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), waits.Until);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("cut")]
    [InlineData("client-time-out")]
    public async Task SubmitAsync_TransportFails_SaysThatTheRelayWasNotReached(string how)
    {
        using var client = Client(how);
        var envelope = await _samples.EnvelopeAsync("hello");
        await Assert.ThrowsAsync<HttpRequestException>(() => new EnvelopeHttpSubmitter(client, _time).SubmitAsync(envelope, Cancel));
    }

    private static async Task AssertNotNowAsync(Func<Task> ask) =>
        Assert.True((await Assert.ThrowsAsync<LedgerLogException>(ask)).IsNotNow);

    private static Uri Base => new("https://relay.example/");

    private static EnvelopeId Id => new("doha-2026", "us", Lane.Normal, 1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HttpClient Client(string how) => new(new Answers(how switch
    {
        "refused" => () => throw new HttpRequestException("connection refused"),
        "client-time-out" => () => throw new TaskCanceledException("the client's own", new TimeoutException()),
        "404" => () => new HttpResponseMessage(HttpStatusCode.NotFound),
        "503" => () => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable),
        "cut-at-once" => () => Body(new PartialStream([], withhold: false)),
        "cut" => () => Body(new PartialStream(new byte[10], withhold: false)),
        "withheld-body" => () => Body(new PartialStream(new byte[10], withhold: true)),
        "withheld-head" => null,
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    }))
    { BaseAddress = Base, Timeout = Timeout.InfiniteTimeSpan };

    private static HttpResponseMessage Body(Stream body) => new(HttpStatusCode.OK) { Content = new StreamContent(body) };

    // Null withholds the whole answer.
    private sealed class Answers(Func<HttpResponseMessage>? answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (answer is null) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return answer!();
        }
    }

    // Gives what it has, and then fails, or never says any more.
    private sealed class PartialStream(byte[] start, bool withhold) : MemoryStream(start)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length) return Read(buffer.Span);
            if (!withhold) throw new HttpIOException(HttpRequestError.ResponseEnded, "the response ended prematurely");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
