using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.Core.Verification;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Testing;

namespace Relay.Functions.Tests.Http;

/// <summary>
/// Until a quorum is verified whoever submits is told nothing: neither by the answer nor by when it comes can an existing negotiation,
/// member, route, mediator or key be told from one made up. Through the genuine worker, and by figures: <c>SubmissionOracleTests</c> of
/// the integration tests.
/// </summary>
public sealed class MembershipOracleTests : IAsyncDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(250);

    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    public static TheoryData<string> Reasons =>
    [
        "unknown negotiation", "sender not a member", "addressee not a member", "route forbidden", "unknown mediator",
        "unknown key version", "disabled key version", "key cannot be read", "bit flipped in head", "bit flipped in signature",
        "alg not fitting the key", "no weight", "directory down", "document invalid", "expired, below quorum",
    ];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Refusal_BeforeAQuorumIsVerified_IsTheSameBytesWhateverTheReason(string reason)
    {
        var answer = await SubmitAsync(await MakeAsync(reason), _fixture.Create<UnprovedPace>());
        // Of a negotiation that never was, by somebody who knows nothing.
        await using var elsewhere = new FunctionsFixture();
        var madeUp = elsewhere.Negotiation.Draft(negotiation: "a-name-that-was-made-up");
        var other = await elsewhere.Negotiation.SignAsync(madeUp, "stranger");
        Assert.Equal(await SubmitAsync(other, _fixture.Create<UnprovedPace>(), elsewhere), answer);
        Assert.StartsWith("422 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"urn:relay:envelope-not-proved\"", answer, StringComparison.Ordinal);
        Assert.Empty(_fixture.Acts.All);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(249)]
    [InlineData(260)]
    public async Task Refusal_HoweverLongTheLookUpTakes_IsAnsweredAtTheSameTimes(int milliseconds)
    {
        var wire = await _fixture.Negotiation.SignAsync("stranger", "oman");
        var looked = new TaskCompletionSource();
        _fixture.Keys.BeforeAnswer = (_, _) => looked.Task;
        var started = _fixture.Time.GetUtcNow();
        var answer = SubmitAsync(wire, Pace());
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        looked.SetResult();
        var due = milliseconds < After.TotalMilliseconds ? After : After * 2;
        if (milliseconds > After.TotalMilliseconds)
        {
            await TestDeadline.Until(() => _fixture.Time.IsArmed(started + due - _fixture.Time.GetUtcNow()), "what is left until the next");
        }

        _fixture.Time.Advance(started + due - _fixture.Time.GetUtcNow() - TimeSpan.FromMilliseconds(1));
        Assert.False(answer.IsCompleted);
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.StartsWith("422 ", await TestDeadline.Within(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not JSON", "400")]
    [InlineData("300 KiB", "413")]
    public async Task Refusal_OfWhatNeedsNoDirectory_IsAtOnceAndSaysWhy(string kind, string status) =>
        Assert.StartsWith(
            status, await SubmitAsync(await BadEnvelopes.MakeAsync(kind, _fixture.Negotiation), Pace()), StringComparison.Ordinal);

    [Fact]
    public async Task Envelope_ThatIsProved_IsAnsweredAtOnce() => Assert.StartsWith(
        "202", await SubmitAsync(await _fixture.Negotiation.SignAsync("qatar", "oman"), Pace()), StringComparison.Ordinal);

    [Theory]
    [InlineData("Doha-2026")]
    [InlineData("doha_2026")]
    [InlineData("..")]
    [InlineData("-doha")]
    [InlineData("dohå")]
    [InlineData("a-name-of-fifty-one-letters-which-is-one-more-than-i")]
    public async Task Name_ThatBreaksTheRuleOfNames_ReachesNoSource(string name)
    {
        var asked = new ConcurrentQueue<string>();
        _fixture.Source.Answer = (negotiation, _) =>
        {
            asked.Enqueue(negotiation);
            return new(DirectoryReadStatus.NotFound, default, null);
        };
        var good = Encoding.UTF8.GetString(await _fixture.Negotiation.SignAsync("qatar", "oman"));
        var head = Relay.Protocol.Text.StrictBase64Url.Encode(
            Encoding.UTF8.GetBytes($$"""{"jti":"{{name}}/us/normal/1","aud":["iran"],"iat":1,"exp":2,"content":"x"}"""));
        var wire = System.Text.RegularExpressions.Regex.Replace(good, "\"payload\":\"[^\"]*\"", $"\"payload\":\"{head}\"");
        Assert.Matches("^400 .*urn:relay:bad-id", await SubmitAsync(Encoding.UTF8.GetBytes(wire), Pace()));
        Assert.Empty(asked);
        Assert.Equal(0, _fixture.Source.Listings);
    }

    [Fact]
    public async Task Refusals_PastTheLimitOfAnAddress_Are429WithWhenToComeAgainAndWhatIsProvedPasses()
    {
        var options = Options.Create(new SubmissionOptions { UnprovedAfter = TimeSpan.Zero, AddressPerSecond = 1, AddressBurst = 3 });
        var addresses = _fixture.Create<Relay.Functions.Callers.AddressClass>();
        var limits = new Relay.Functions.Callers.StrangerLimits(options, addresses, _fixture.Time);
        var good = await _fixture.Negotiation.SignAsync("qatar", "oman");
        for (var i = 0; i < 10; i++) Assert.StartsWith("202 ", await SubmitAsync(good, limits), StringComparison.Ordinal);
        var bad = await _fixture.Negotiation.SignAsync("stranger");
        for (var i = 0; i < 3; i++) Assert.StartsWith("422 ", await SubmitAsync(bad, limits), StringComparison.Ordinal);
        foreach (var wire in new[] { bad, good })
        {
            var answer = await SubmitAsync(wire, limits);
            Assert.StartsWith("429 ", answer, StringComparison.Ordinal);
            foreach (var part in new[]
            {
                "[RateLimit, \"address\";r=0;t=3]", "[RateLimit-Policy, \"address\";q=3;w=3]", "[Retry-After, 1]",
                "\"type\":\"urn:relay:too-many-unproved\"", "\"violated-policies\":[\"address\"]",
            })
            {
                Assert.Contains(part, answer, StringComparison.Ordinal);
            }
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("202 ", await SubmitAsync(good, limits), StringComparison.Ordinal);
    }

    private UnprovedPace Pace() => new(Options.Create(new SubmissionOptions { UnprovedAfter = After }), _fixture.Time);

    private async Task<byte[]> MakeAsync(string reason)
    {
        var negotiation = _fixture.Negotiation;
        switch (reason)
        {
            case "unknown key version":
                _fixture.Keys.Keys.Clear();
                return await negotiation.SignAsync("qatar", "oman");
            case "disabled key version":
                _fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = KeyStatus.Disabled;
                return await negotiation.SignAsync("qatar", "oman");
            case "key cannot be read":
                _fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = KeyStatus.Unavailable;
                return await negotiation.SignAsync("qatar", "oman");
            case "directory down":
                _fixture.Source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
                return await negotiation.SignAsync("qatar", "oman");
            case "document invalid":
                _fixture.Source.Answer = (_, _) => FakeDirectorySource.Found("{}"u8.ToArray());
                return await negotiation.SignAsync("qatar", "oman");
            case "expired, below quorum":
                var past = negotiation.Draft() with
                {
                    IssuedAt = negotiation.Now - TimeSpan.FromHours(2),
                    ExpiresAt = negotiation.Now - TimeSpan.FromHours(1),
                };
                return await negotiation.SignAsync(past, "qatar");
            default:
                return await BadEnvelopes.MakeAsync(reason, negotiation);
        }
    }

    // Status, every header and the body, as one text.
    private async Task<string> SubmitAsync(byte[] wire, object part, FunctionsFixture? fixture = null)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = HttpMethods.Post;
        context.Request.Body = new MemoryStream(wire);
        context.Request.ContentLength = wire.Length;
        context.Response.Body = new MemoryStream();
        var answer = await (fixture ?? _fixture).Create<SubmitEnvelope>((fixture ?? _fixture).Create<ProvingBodies>(part))
            .RunAsync(context.Request, TestContext.Current.CancellationToken);
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        var headers = context.Response.Headers.OrderBy(header => header.Key, StringComparer.Ordinal);
        var body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        return $"{context.Response.StatusCode} {string.Join(' ', headers)} {body}";
    }
}
