using System.Net;
using Relay.Client.Delegations;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Prekeys;

/// <summary>Publishing and claiming, over a relay that answers, does not, or lies.</summary>
public sealed class PrekeyClientTests : IDisposable
{
    private readonly PrekeyParties _parties = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task MaintainAsync_WhenItIsDue_PublishesRefillsAndRotates()
    {
        var publisher = _parties.Publisher();
        var first = await publisher.MaintainAsync(Cancel);
        Assert.Equal((1, 5, true, ""), (first.Number, first.Left, first.IsNew, first.Problem));
        Assert.Equal(_parties.Samples.Time.GetUtcNow().AddHours(48), first.ExpiresAt);
        Assert.Equal((1, 5, false), await StandAsync(publisher));
        await ClaimAsync(1, 2, 3);
        Assert.Equal((1, 2, false), await StandAsync(publisher));
        await ClaimAsync(4);
        Assert.Equal((2, 5, true), await StandAsync(publisher));
        _parties.Advance(TimeSpan.FromHours(23));
        Assert.Equal((2, 5, false), await StandAsync(publisher));
        _parties.Advance(TimeSpan.FromHours(1));
        Assert.Equal((3, 5, true), await StandAsync(publisher));
        Assert.Equal((11, 3), (_parties.Relay.BundleOf("iran").First, _parties.Relay.BundleOf("iran").Number));
    }

    [Fact]
    public async Task MaintainAsync_WhoseReplyIsLost_SendsTheVerySameAgain()
    {
        _parties.Relay.Says = HttpStatusCode.ServiceUnavailable;
        var lost = await _parties.Publisher().MaintainAsync(Cancel);
        Assert.Equal((0, false), (lost.Number, lost.IsNew));
        Assert.Contains("503", lost.Problem, StringComparison.Ordinal);
        await ClaimAsync(1);
        _parties.RestartIran();
        var again = await _parties.Publisher().MaintainAsync(Cancel);
        Assert.Equal((1, true), (again.Number, again.IsNew));
        Assert.Equal(_parties.Relay.Bodies[0], _parties.Relay.Bodies[^1]);
        // What was handed out meanwhile was not handed out again.
        Assert.Equal(4, _parties.Relay.LeftOf("iran"));
        Assert.Equal(["iran#once-1", "iran#once-2"], (await ClaimAsync(1, 2)).Select(key => key.Key.KeyId));
    }

    [Fact]
    public async Task MaintainAsync_OfAnOldCopyOfTheStore_SaysSo()
    {
        var copy = Path.Combine(_parties.Folder.FullName, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(_parties.FolderOf("iran")).Where(file => Path.GetFileName(file) != "lock"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
        await _parties.Publisher().MaintainAsync(Cancel);
        _parties.Iran.Dispose();
        foreach (var file in Directory.EnumerateFiles(_parties.FolderOf("iran")).Where(file => Path.GetFileName(file) != "lock"))
        {
            File.Delete(file);
        }
        foreach (var file in Directory.EnumerateFiles(copy))
        {
            File.Copy(file, Path.Combine(_parties.FolderOf("iran"), Path.GetFileName(file)));
        }
        _parties.RestartIran();
        var fault = await Assert.ThrowsAsync<PrekeyStoreException>(() => _parties.Publisher().MaintainAsync(Cancel));
        Assert.Contains("old copy", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MaintainAsync_OfAHybridPolicy_PublishesAtOnceWhatIsSealedToAndOpenedOnce()
    {
        Assert.True((await _parties.Publisher().MaintainAsync(Cancel)).IsNew);
        var publisher = _parties.Publisher(PrekeyPolicy.Hybrid with { Count = 2, RefillBelow = 1 });
        Assert.Equal((2, 2, true), await StandAsync(publisher));
        Assert.Equal((2, 2, false), await StandAsync(publisher));
        var made = await _parties.Sealer().SealStatementAsync(Samples.Say("for later", "iran"), default, Cancel);
        Assert.Equal(("iran#once-6", JwkKind.MlKem768P256), (made.Keys[0].Key.KeyId, made.Keys[0].Key.Kind));
        var envelope = await _parties.Samples.SignAsync(made.Envelope);
        var inspector = _parties.Inspector(InboxState.Create("relay.example/doha-2026"));
        var result = await inspector.InspectAsync(envelope.Wire, Cancel);
        Assert.Equal(("for later", "iran#once-6", null), (
            System.Text.Encoding.UTF8.GetString(result.Statement!.Body), result.KeyId, result.ReusableKey));
        inspector.DeleteUsedKeys(envelope);
        Assert.Null(_parties.Iran.Find("iran#once-6"));
        var again = await _parties.Inspector(InboxState.Create("relay.example/doha-2026")).InspectAsync(envelope.Wire, Cancel);
        Assert.Equal(InboxFault.NotOpened, again.Fault);

        await ClaimAsync(2);
        var last = Assert.Single(await ClaimAsync(3));
        Assert.Equal(("iran#session-2", JwkKind.MlKem768P256), (last.Key.KeyId, last.Key.Kind));
        Assert.Throws<ArgumentOutOfRangeException>(() => _parties.Publisher(PrekeyPolicy.Hybrid with { Count = 13 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _parties.Publisher(new PrekeyPolicy { Kind = JwkKind.P384 }));
    }

    [Fact]
    public async Task ClaimAsync_OfTheSameEnvelopeAgain_IsTheSameKey()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        _parties.Relay.Says = HttpStatusCode.BadGateway;
        var lost = Assert.Single(await ClaimAsync(1));
        Assert.Equal(("iran#enc-1", "lasting key iran#enc-1, can be opened for as long as it is kept: the relay answered 502 to the claim"),
            (lost.Key.KeyId, lost.ToString()));
        var keys = await ClaimAsync(1, 2);
        Assert.Equal(["iran#once-1", "iran#once-2"], keys.Select(key => key.Key.KeyId));
        Assert.All(keys, key => Assert.True(key.IsOneTime));
        Assert.Equal("one-time key iran#once-2", (await ClaimAsync(2))[0].ToString());
        Assert.Equal("iran#once-3", (await ClaimAsync(3))[0].Key.KeyId);
    }

    [Fact]
    public async Task ClaimAsync_WithoutAOneTimeKey_IsTheSessionKeyAndSaysUntilWhen()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        var keys = await ClaimAsync(1, 2, 3, 4, 5, 6);
        Assert.Equal([true, true, true, true, true, false], keys.Select(key => key.IsOneTime));
        Assert.Equal("reusable key iran#session-1, can be opened until 2026-02-02 00:00:00Z: no one-time key is left", keys[5].ToString());
        _parties.Relay.IsDown = true;
        Assert.Equal(
            "reusable key iran#session-1, can be opened until 2026-02-02 00:00:00Z: the relay did not answer the claim",
            (await ClaimAsync(7))[0].ToString());
        // A bundle that is over serves nobody.
        _parties.Advance(TimeSpan.FromDays(2));
        Assert.Equal("iran#enc-1", (await ClaimAsync(7))[0].Key.KeyId);
    }

    [Fact]
    public async Task ClaimAsync_OfABundleThatIsNotTheNewestSeen_IsRefused()
    {
        var publisher = _parties.Publisher();
        await publisher.MaintainAsync(Cancel);
        await ClaimAsync(1);
        var older = _parties.Relay.BundleOf("iran");
        _parties.Advance(TimeSpan.FromHours(24));
        await publisher.MaintainAsync(Cancel);
        Assert.Equal("iran#once-6", (await ClaimAsync(2))[0].Key.KeyId);
        // What was claimed of the one before, before this one was seen, stays as it was.
        Assert.Equal("iran#once-1", (await ClaimAsync(1))[0].Key.KeyId);
        _parties.Relay.Instead = older;
        var choice = (await ClaimAsync(3))[0];
        Assert.Equal("iran#session-2", choice.Key.KeyId);
        Assert.Equal("expected a bundle of number 2 or more, as was seen before, got 1", choice.Why);
    }

    [Fact]
    public async Task ClaimAsync_OfABundleThatNobodySigned_IsRefused()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        using var other = PrivateJwk.Generate(JwkKind.P256, "iran#1");
        using var signer = new LocalSigner(other);
        var honest = _parties.Relay.BundleOf("iran");
        _parties.Relay.Instead = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = "doha-2026",
                Number = 2,
                IssuedAt = honest.IssuedAt,
                ExpiresAt = honest.ExpiresAt,
                Session = Renamed(honest.Session, "iran#session-2"),
                OneTime = honest.OneTime,
            },
            signer,
            Cancel);
        var choice = (await ClaimAsync(1))[0];
        Assert.Equal(("iran#enc-1", "expected a signature by iran#1, got one that does not verify"), (choice.Key.KeyId, choice.Why));
    }

    [Fact]
    public async Task SealStatementAsync_WithoutPrekeys_SaysThatTheKeyLasts()
    {
        var made = await _parties.Samples.Sealer().SealStatementAsync(Samples.Say("hello", "iran"), default, Cancel);
        Assert.False(made.IsForwardSecret);
        Assert.Equal(
            "lasting key iran#enc-1, can be opened for as long as it is kept: prekeys are not in use", Assert.Single(made.Keys).ToString());
        Assert.Null(made.Keys[0].OpenableUntil);
    }

    private static PublicJwk Renamed(PublicJwk key, string keyId)
    {
        Assert.True(PublicJwk.TryCreate(key.ToECParameters(), keyId, out var named, out var error), error);
        return named;
    }

    private static async Task<(long, int?, bool)> StandAsync(PrekeyPublisher publisher)
    {
        var status = await publisher.MaintainAsync(Cancel);
        Assert.Empty(status.Problem);
        return (status.Number, status.Left, status.IsNew);
    }

    private Task<IReadOnlyList<PrekeyChoice>> ClaimAsync(params long[] sequences) => _parties.Claimer().ClaimAsync(
        "iran", [.. sequences.Select(sequence => new EnvelopeId("doha-2026", "us", Lane.Normal, sequence))], Cancel);
}
