using System.Net;
using Relay.Client.Delegations;
using Relay.Client.Mediators;
using Relay.Testing;

namespace Relay.Client.Tests.Mediators;

/// <summary>A client asks a relay that is over its limit for about twice what it takes, and one that is not for everything.</summary>
public sealed class AdaptiveThrottleTests
{
    private const int Submissions = 80;

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(100, 100)]
    [InlineData(100, 50)]
    [InlineData(100, 20)]
    [InlineData(200, 5)]
    public void TryBegin_AtALoad_SendsTwiceWhatIsTakenAtMost(int asked, int capacity)
    {
        var random = new Random(asked + capacity);
        var throttle = new AdaptiveThrottle(_time, random.NextDouble);
        var (sent, counted) = (0, 0);
        for (var second = 0; second < 400; second++)
        {
            var taken = 0;
            for (var i = 0; i < asked; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1.0 / asked));
                if (second >= 250) counted++;
                if (!throttle.TryBegin(out _, out _)) continue;
                if (second >= 250) sent++;
                if (taken++ < capacity) throttle.Taken();
            }
        }

        var expected = Math.Min(asked, AdaptiveThrottle.Multiplier * capacity) / (double)asked;
        Assert.InRange(sent / (double)counted, expected * 0.85, Math.Min(1, expected * 1.15));
    }

    [Fact]
    public void TryBegin_TwoMinutesAfterTheLastRefusal_SendsEverythingAgain()
    {
        var throttle = new AdaptiveThrottle(_time, () => 0.5);
        for (var i = 0; i < 100; i++) throttle.TryBegin(out _, out _);
        Assert.False(throttle.TryBegin(out var asked, out var taken));
        Assert.Equal((100, 0), (asked, taken));
        _time.Advance(TimeSpan.FromSeconds(121));
        Assert.True(throttle.TryBegin(out asked, out taken));
        Assert.Equal((0, 0), (asked, taken));
    }

    [Fact]
    public void TryBegin_OfAFewThatAreRefused_SendsThemAll()
    {
        var throttle = new AdaptiveThrottle(_time, () => 0);
        for (var i = 0; i <= AdaptiveThrottle.Free; i++) Assert.True(throttle.TryBegin(out _, out _));
        Assert.False(throttle.TryBegin(out _, out _));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, true)]
    [InlineData(HttpStatusCode.UnprocessableEntity, false)]
    [InlineData(HttpStatusCode.Accepted, false)]
    public async Task SubmitAsync_ToARelayThatAnswers_IsHeldBackForItsLoadAlone(HttpStatusCode status, bool isHeldBack)
    {
        using var samples = new Samples();
        var envelope = await samples.SignAsync(
            await samples.Sealer().SealAsync(Samples.Say("x"), StreamPosition.Start, TestContext.Current.CancellationToken));
        using var handler = new Answering(status);
        using var client = new HttpClient(handler) { BaseAddress = new Uri("https://relay.example/") };
        var submitter = new EnvelopeHttpSubmitter(client, _time, () => 0.5);
        var held = 0;
        for (var i = 0; i < Submissions; i++)
        {
            var failure = await Record.ExceptionAsync(() => submitter.SubmitAsync(envelope, TestContext.Current.CancellationToken));
            if (failure is not EnvelopeRefusedException { IsSelfThrottled: true } refused) continue;
            held++;
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (refused.Status, refused.RetryAfter));
            Assert.Contains("was not sent", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(isHeldBack, held > 0);
        Assert.Equal(Submissions - held, handler.Count);
    }

    private sealed class Answering(HttpStatusCode status) : HttpMessageHandler
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            return Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent([]) });
        }
    }
}
