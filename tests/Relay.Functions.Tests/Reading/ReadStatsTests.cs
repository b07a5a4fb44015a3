using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Ledger.Commit;
using Relay.Core.Statistics;
using Relay.Core.Tests;
using Relay.Functions.Http;
using Relay.Functions.Reading;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Tests.Reading;

public sealed class ReadStatsTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Stats_OfEnvelopes_AreWhatBecameOfThem()
    {
        var negotiation = _fixture.Negotiation;
        var first = negotiation.Draft();
        await ProcessAsync(await negotiation.SignAsync(first, "qatar", "oman"));
        await ProcessAsync(await negotiation.SignAsync(first, "qatar", "oman"));
        await ProcessAsync(await negotiation.SignAsync("qatar", "qatar"));
        await ProcessAsync("nonsense"u8.ToArray());
        var until = _fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(7);
        await ProcessAsync(await negotiation.SignAsync(negotiation.Draft() with { NotBefore = until }, "qatar", "oman"));

        var stats = Body<NegotiationStats>(await _fixture.Create<ReadStats>().NegotiationAsync(Get(), Name, Token));
        Assert.Equal((Name, true), (stats.Negotiation, stats.Whole));
        var flow = stats.LastHour;
        Assert.Equal((2, 1, 1, 1, 1), (flow.In, flow.Out, flow.Duplicates, flow.Delayed, flow.Refused));
        var minute = until.ToUnixTimeSeconds() / 60 * 60_000;
        Assert.Equal((minute, 1), (Assert.Single(stats.Embargoed).Until, stats.Embargoed[0].Count));
        Assert.Equal(["embargoed", "quorum_not_met"], flow.Reasons.Select(reason => reason.Reason));
        // The queue that they came off, whatever lane they claim.
        Assert.Equal(("urgent", 1), (Assert.Single(flow.Latency).Lane, flow.Latency[0].Count));
        // Of what was forwarded alone, once.
        Assert.Equal([new SizeClass(512, 1)], flow.Sizes);
        Assert.Equal(stats.LastDay.In, flow.In);
        Assert.Equal((2, 1), (Assert.Single(stats.Minutes).In, Assert.Single(stats.Hours).Out));
        Assert.Equal((0, 0), (stats.Ledger!.Held, stats.Ledger.Outstanding));
        Assert.True(stats.Ledger.Size > 0);
    }

    [Fact]
    public async Task Stats_ForOperators_HaveAllNegotiationsAndTheWorker()
    {
        await ProcessAsync(await _fixture.Negotiation.SignAsync("qatar", "oman"));
        await ProcessAsync("nonsense"u8.ToArray());
        var stats = Body<RelayStats>(await _fixture.Create<ReadStats>().RelayAsync(Get(), Token));
        Assert.Equal((2, 1, 1), (stats.LastHour.In, stats.LastHour.Out, stats.LastHour.Refused));
        Assert.Equal(["-", Name], stats.Negotiations.Select(flow => flow.Negotiation).Order(StringComparer.Ordinal));
        Assert.Equal((1, 0, 0.0), (stats.Workers, stats.Worker.UnderWay, stats.Worker.Stalled));
        Assert.Empty(stats.Worker.Down);
    }

    [Fact]
    public async Task Stats_OfAHeldEnvelope_SayWhatIsMissingAndThenThatItIsOut()
    {
        var negotiation = _fixture.Negotiation;
        var first = negotiation.Draft();
        var firstWire = await negotiation.SignAsync(first, "qatar", "oman");
        var second = first with
        {
            Id = first.Id with { Sequence = 2 },
            Previous = (await negotiation.ParseAsync(first, "qatar", "oman")).Digest,
            Content = ContentOf(513, 'A'),
        };
        await ProcessAsync(await negotiation.SignAsync(second, "qatar", "oman"));
        var stats = Body<NegotiationStats>(await _fixture.Create<ReadStats>().NegotiationAsync(Get(), Name, Token));
        Assert.Equal((1, 0, 1), (stats.LastHour.In, stats.LastHour.Out, stats.LastHour.Held));
        var stream = Assert.Single(stats.Ledger!.Streams);
        Assert.Equal((first.Id.Sender, 0, 1, 1L), (stream.Sender, stream.Last, stream.Held, stream.Missing));

        await ProcessAsync(firstWire);
        // What the ledger releases is forwarded behind the back of whoever filled the gap.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        do
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
            _fixture.Time.Advance(TallyStore.MaxAge);
            stats = Body<NegotiationStats>(await _fixture.Create<ReadStats>().NegotiationAsync(Get(), Name, patience.Token));
        }
        while (stats.LastHour.Out < 2);
        Assert.Equal((2, 2, 1), (stats.LastHour.In, stats.LastHour.Out, stats.LastHour.Held));
        Assert.Equal([new SizeClass(512, 1), new SizeClass(1_024, 1)], stats.LastHour.Sizes);
        Assert.Equal((2, 0, null), (stats.Ledger!.Streams[0].Last, stats.Ledger.Held, stats.Ledger.Streams[0].Missing));
    }

    // What is said has no part in what is counted: only the length it is padded to has.
    [Fact]
    public async Task Stats_OfRunsThatDifferOnlyInContent_AreTheSameBytes()
    {
        foreach (var length in new[] { 512, 513, 20_000, 90_000 })
        {
            Assert.Equal(await RunAsync(length, 'A'), await RunAsync(length, 'B'));
            Assert.NotEqual(await RunAsync(length, 'A'), await RunAsync(2 * length, 'A'));
        }

        static async Task<string> RunAsync(int length, char content)
        {
            await using var fixture = new FunctionsFixture();
            var draft = fixture.Negotiation.Draft() with { Content = ContentOf(length, content) };
            var wire = await fixture.Negotiation.SignAsync(draft, "qatar", "oman");
            await fixture.Create<EnvelopeProcessor>().ProcessAsync(
                [FunctionsFixture.Message(wire)], fixture.Actions, Lane.Normal, Token);
            var stats = Body<NegotiationStats>(await fixture.Create<ReadStats>().NegotiationAsync(Get(), Name, Token));
            Assert.Equal(1, Assert.Single(stats.LastHour.Sizes).Count);
            return JsonSerializer.Serialize(stats, JsonSerializerOptions.Web);
        }
    }

    private static byte[] ContentOf(int length, char fill)
    {
        const string Shape = "{\"ciphertext\":\"\"}";
        return Encoding.UTF8.GetBytes(Shape.Insert(Shape.Length - 2, new string(fill, length - Shape.Length)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpRequest Get() => new DefaultHttpContext().Request;

    private static T Body<T>(IActionResult answer) => Assert.IsType<T>(Assert.IsType<JsonAnswer>(answer).Body);

    private async Task ProcessAsync(byte[] wire)
    {
        await _fixture.Create<EnvelopeProcessor>().ProcessAsync(
            [FunctionsFixture.Message(wire)], _fixture.Actions, Lane.Urgent, Token);
    }
}
