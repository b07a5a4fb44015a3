using System.Net.Http;
using System.Security.Authentication;
using Azure;
using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>A clock that is far off: whatever fails of it says so, and what time it is here.</summary>
[Collection(StackOfSlips.Collection)]
public sealed class ClockSlipTests(StackOfSlips stack)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Answers => ["bus", "vault", "certificate", "certificate of a vault"];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Explanation_OfATimeThatDoesNotFit_AsksForTheClock(string answer)
    {
        var (message, fix) = Explanation.Of(Of(answer), new ManualTimeProvider(Now));
        Assert.NotEmpty(message);
        Assert.Equal("Is the clock of this machine right? It says 2026-11-29 08:00:00Z.", fix);
    }

    [Fact]
    public async Task Submit_OfAnEnvelopeSignedByAClockAhead_NamesBothTimes()
    {
        var ahead = new RecordingTerminal(new SetClock(TimeSpan.FromHours(3)));
        Assert.Equal(0, await ahead.RunAsync("sign", "--from", "iran", "--to", "us", "--text", "x", "--lane", "urgent", "--out", stack.PathOf("ahead.json"), "--state", stack.Stack.State));
        Slip.AssertOneLine(await stack.RunAsync("submit", stack.PathOf("ahead.json")), "iran/urgent/1 was signed at .*; it is .* here", "clocks is wrong");
        Slip.AssertOneLine(
            await stack.RunAsync("sign", "--from", "iran", "--to", "us", "--text", "x", "--lane", "urgent", "--out", stack.PathOf("after.json")), "The clock says .* was made at", "Set the clock");
    }

    [Fact]
    public async Task Submit_WithAClockAhead_SaysThatTheEnvelopeExpiredByIt()
    {
        var ahead = new RecordingTerminal(new SetClock(TimeSpan.FromDays(2)));
        Assert.Equal(1, await ahead.RunAsync("submit", stack.PathOf("first.json"), "--state", stack.Stack.State));
        Assert.Matches("expired at .*; it is .* here. If this machine's clock is right", Assert.Single(ahead.Notes.Trim().Split('\n')));
    }

    // As the services and the runtime say it.
    private static Exception Of(string answer) => answer switch
    {
        "bus" => new UnauthorizedAccessException("ExpiredToken: The token has expired. TrackingId:1, SystemTracker:NoSystemTracker, Timestamp:2026-11-29T08:00:00"),
        "vault" => new RequestFailedException(401, "AKV10000: [TokenExpired] Error validating token: the token has expired."),
        "certificate" => new HttpRequestException("The SSL connection could not be established.", NotTimeValid()),
        "certificate of a vault" => new AggregateException(new RequestFailedException(0, "The SSL connection could not be established.", new HttpRequestException("The SSL connection could not be established.", NotTimeValid()))),
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    private static AuthenticationException NotTimeValid() => new("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid");
}
