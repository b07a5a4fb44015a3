using Relay.Client.Delegations;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Tests.Prekeys;

/// <summary>What was sealed once and is issued again: only as long as its addressees surely have the keys.</summary>
public sealed class ReissueTests : IDisposable
{
    private readonly PrekeyParties _parties = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task Reissue_OfWhatIsSealedToAPrekey_KeepsItsTimeAndEndsWhenTheKeyMayGo()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        var sealer = _parties.Sealer();
        var made = await sealer.SealStatementAsync(Samples.Say("for later", "iran"), default, Cancel);
        var sealedAt = made.Envelope.Head.IssuedAt;
        var until = sealedAt + EnvelopeLimits.MaxLifetime;
        Assert.Equal(("iran#once-1", until), (made.Keys[0].Key.KeyId, Sealer.OpenableUntil(made.Envelope)!.Value));

        _parties.Advance(TimeSpan.FromDays(2));
        var again = sealer.Reissue(made.Envelope, default, TimeSpan.FromDays(1));
        Assert.Equal(made.Envelope.Content, again.Content);
        Assert.Equal((sealedAt, sealedAt.AddDays(3)), (again.Head.IssuedAt, again.Head.ExpiresAt));
        // However often it is issued, it was sealed then.
        _parties.Advance(TimeSpan.FromDays(27.5));
        again = sealer.Reissue(again, default, TimeSpan.FromDays(1));
        Assert.Equal((sealedAt, until), (again.Head.IssuedAt, again.Head.ExpiresAt));
        // The last that it may be delivered, iran has the key.
        _parties.Advance(TimeSpan.FromDays(0.5) - TimeSpan.FromSeconds(1));
        _parties.Iran.DeleteOver(_parties.Samples.Time.GetUtcNow());
        var inspector = _parties.Inspector(InboxState.Create("relay.example/doha-2026"));
        var opened = await inspector.InspectAsync((await _parties.Samples.SignAsync(again)).Wire, Cancel);
        Assert.Equal(("for later", "iran#once-1"), (System.Text.Encoding.UTF8.GetString(opened.Statement!.Body), opened.KeyId));

        _parties.Advance(TimeSpan.FromSeconds(1));
        var gone = Assert.Throws<ArgumentException>(() => sealer.Reissue(again, default, TimeSpan.FromDays(1)));
        const string Problem = "Expected a content whose keys its addressees still have, that of doha-2026/us/normal/1 is ";
        Assert.StartsWith(Problem, gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reissue_OfWhatIsSealedToALastingKey_IsOfNowWheneverThatIs()
    {
        var sealer = _parties.Samples.Sealer();
        var made = await sealer.SealAsync(Samples.Say("for later", "iran"), default, Cancel);
        Assert.Null(Sealer.OpenableUntil(made));
        _parties.Advance(TimeSpan.FromDays(60));
        var again = sealer.Reissue(made, default, TimeSpan.FromDays(1));
        var now = _parties.Samples.Time.GetUtcNow();
        Assert.Equal((now, now.AddDays(1)), (again.Head.IssuedAt, again.Head.ExpiresAt));
    }
}
