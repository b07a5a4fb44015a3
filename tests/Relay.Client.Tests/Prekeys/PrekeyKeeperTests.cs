using System.Net;
using System.Threading.Channels;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Client.Tests.Prekeys;

public sealed class PrekeyKeeperTests : IDisposable
{
    private readonly PrekeyParties _parties = new();
    private readonly Channel<PrekeyStatus> _told = Channel.CreateUnbounded<PrekeyStatus>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task Start_WithoutABundleThenWithFewLeft_PublishesAndRefillsWithinAMinute()
    {
        await using var keeper = Start();
        Assert.Equal((1L, 5, true), Of(await ToldAsync()));
        var ids = Enumerable.Range(1, 4).Select(sequence => new EnvelopeId("doha-2026", "us", Lane.Normal, sequence));
        await _parties.Claimer().ClaimAsync("iran", [.. ids], Cancel);
        await PassAMinuteAsync();
        Assert.Equal((2L, 5, true), Of(await ToldAsync()));
        await PassAMinuteAsync();
        Assert.Equal((2L, 5, false), Of(await ToldAsync()));
    }

    [Fact]
    public async Task Start_WithARelayThatDoesNotAnswer_SaysSoAndTriesAgain()
    {
        _parties.Relay.Says = HttpStatusCode.ServiceUnavailable;
        await using var keeper = Start();
        Assert.Contains("503", (await ToldAsync()).Problem, StringComparison.Ordinal);
        await PassAMinuteAsync();
        Assert.Equal((1L, 5, true), Of(await ToldAsync()));
    }

    [Fact]
    public async Task Start_OfAStoreThatTheRelayIsAheadOf_SaysSoAndEnds()
    {
        _parties.Relay.Says = HttpStatusCode.Conflict;
        await using var keeper = Start();
        Assert.Contains("old copy", (await ToldAsync()).Problem, StringComparison.Ordinal);
        Assert.False(_parties.Samples.Time.IsArmed(TimeSpan.FromMinutes(1)));
    }

    private PrekeyKeeper Start()
    {
        var keeper = new PrekeyKeeper(_parties.Publisher(), status => _told.Writer.WriteAsync(status), _parties.Samples.Time);
        keeper.Start();
        return keeper;
    }

    private async Task<PrekeyStatus> ToldAsync() => await TestDeadline.Within(_told.Reader.ReadAsync(Cancel).AsTask());

    private async Task PassAMinuteAsync()
    {
        await TestDeadline.Until(() => _parties.Samples.Time.IsArmed(TimeSpan.FromMinutes(1)), "the keeper waits");
        _parties.Samples.Time.Advance(TimeSpan.FromMinutes(1));
    }

    private static (long, int?, bool) Of(PrekeyStatus status)
    {
        Assert.Empty(status.Problem);
        return (status.Number, status.Left, status.IsNew);
    }
}
