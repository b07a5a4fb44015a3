using System.Security.Cryptography;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Testing;

namespace Relay.Core.Tests;

public sealed class RelayPipelineTests
{
    /// <summary>One row per kind of bad input: verdict, reason code, and a piece of each half of "expected ..., got ...".</summary>
    public static TheoryData<string, Verdict, string, string> BadInput => new()
    {
        { "not JSON", Verdict.Malformed, "not-json", "expected" },
        { "empty", Verdict.Malformed, "not-json", "expected" },
        { "duplicate members", Verdict.Malformed, "duplicate-member", "expected each member once" },
        { "depth bomb", Verdict.Malformed, "too-complex", "expected at most 16 levels" },
        { "300 KiB", Verdict.Oversize, "oversize", "expected at most 262144 bytes, got 307200" },
        { "wrong typ", Verdict.Malformed, "wrong-type", "expected" },
        { "alg none", Verdict.Malformed, "unsupported-algorithm", "expected" },
        { "alg not fitting the key", Verdict.BadSignature, "algorithm-mismatch", "expected the algorithm of the key" },
        { "unknown mediator", Verdict.UnknownMediator, "unknown-mediator", "expected a key of a mediator of the negotiation" },
        { "disabled key version", Verdict.KeyDisabled, "key-disabled", "expected an enabled key version" },
        { "unknown key version", Verdict.KeyDisabled, "unknown-key-version", "expected a version the vault has" },
        { "bit flipped in head", Verdict.BadSignature, "bad-signature", "expected a signature over these bytes" },
        { "bit flipped in content", Verdict.Malformed, "wrong-content", "expected the content that the head of" },
        { "bit flipped in header", Verdict.KeyDisabled, "unknown-key-version", "expected a version the vault has" },
        { "bit flipped in signature", Verdict.BadSignature, "bad-signature", "expected a signature over these bytes" },
        { "no weight", Verdict.QuorumNotMet, "quorum-not-met", "expected signatures of weight 3, got 0" },
        { "same mediator twice", Verdict.QuorumNotMet, "mediator-repeated", "a mediator counts once" },
        { "unknown negotiation", Verdict.UnknownNegotiation, "unknown-negotiation", "got 'geneva-1985'" },
        { "sender not a member", Verdict.NotAMember, "sender-not-a-member", "got 'mars'" },
        { "addressee not a member", Verdict.NotAMember, "addressee-not-a-member", "got 'venus'" },
        { "route forbidden", Verdict.RouteForbidden, "route-forbidden", "got none to 'oslo'" },
        { "expired", Verdict.Expired, "expired", "expected exp after" },
        { "issued in the future", Verdict.NotYetIssued, "not-yet-issued", "expected iat at most 120 s ahead" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task RelayAsync_BadInput_IsDeadLetteredWithItsReason(string kind, Verdict verdict, string reason, string description)
    {
        await using var fixture = new PipelineFixture();
        if (kind == "disabled key version") fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = KeyStatus.Disabled;
        if (kind == "unknown key version") fixture.Keys.Keys.TryRemove(TestNegotiation.KeyId("qatar"), out _);

        var ruling = await fixture.RelayAsync(await BadEnvelopes.MakeAsync(kind, fixture.Negotiation));

        Assert.Equal((verdict, reason), (ruling.Verdict, ruling.Reason));
        Assert.Contains(description, ruling.Description, StringComparison.Ordinal);
        Assert.Matches("expected .*got ", ruling.Description);
        Assert.Equal(SettlementAction.DeadLetter, VerdictTable.For(ruling.Verdict).Settlement);
        Assert.Empty(fixture.Forwarder.Forwarded);

        // The good envelope after it is delivered.
        fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = new KeyLookup(KeyStatus.Usable, fixture.Negotiation.VerificationKeyOf("qatar"));
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(await fixture.Negotiation.SignAsync("qatar", "oman"))).Verdict);
    }

    [Fact]
    public async Task RelayAsync_GoodEnvelope_ReachesEachAddresseesTopicUnchanged()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync(
            fixture.Negotiation.Draft("iran", audience: ["us", "oslo"], lane: Lane.Urgent), "qatar", "swiss");

        var ruling = await fixture.RelayAsync(wire);

        Assert.Equal(Verdict.Forwarded, ruling.Verdict);
        Assert.Equal(new EnvelopeId(TestNegotiation.Name, "iran", Lane.Urgent, 1), ruling.Id);
        Assert.Equal(["delegation-oslo", "delegation-us"], fixture.Forwarder.Forwarded.Select(sent => sent.Topic).Order());
        Assert.All(fixture.Forwarder.Forwarded, sent =>
        {
            Assert.Equal(wire, sent.Body.ToArray());
            Assert.Equal(TimeSpan.FromHours(1), sent.TimeToLive);
            Assert.Equal(ruling.Id, sent.Id);
        });
    }

    [Fact]
    public async Task RelayAsync_EveryBitFlipped_NothingPasses()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        for (var bit = 0; bit < wire.Length * 8; bit++)
        {
            wire[bit / 8] ^= (byte)(1 << (bit % 8));
            var ruling = await fixture.RelayAsync(wire.ToArray());
            Assert.True(
                VerdictTable.For(ruling.Verdict).Settlement == SettlementAction.DeadLetter,
                $"bit {bit % 8} of byte {bit / 8}: {ruling.Verdict} {ruling.Description}");
            wire[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Empty(fixture.Forwarder.Forwarded);
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Fact]
    public async Task RelayAsync_EveryPrefix_IsMalformed()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        for (var length = 0; length < wire.Length; length++)
        {
            Assert.Equal(Verdict.Malformed, (await fixture.RelayAsync(wire.AsMemory(0, length))).Verdict);
        }
    }

    [Fact]
    public async Task RelayAsync_OneMediatorsSignatureBadButQuorumReached_Passes()
    {
        await using var fixture = new PipelineFixture();
        var wire = TestNegotiation.Change(await fixture.Negotiation.SignAsync("oman", "qatar", "swiss"), BadEnvelopes.FlipFirstSignature);

        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Fact]
    public async Task RelayAsync_TooNewForAClockThatIsBehindTheServices_WaitsForThatAndIsNotRefused()
    {
        await using var fixture = new PipelineFixture();
        var truth = fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(10);
        var draft = fixture.Negotiation.Draft() with { IssuedAt = truth, ExpiresAt = truth + TimeSpan.FromHours(1) };
        var wire = await fixture.Negotiation.SignAsync(draft, "qatar", "oman");
        Assert.Equal(Verdict.NotYetIssued, (await fixture.RelayAsync(wire)).Verdict);

        fixture.Clock.Observe(truth);
        var ruling = await fixture.RelayAsync(wire);
        Assert.Equal((Verdict.LedgerUnavailable, "ledger-unavailable"), (ruling.Verdict, ruling.Reason));
        Assert.Contains("it is 00:10:00 behind: set it", ruling.Description, StringComparison.Ordinal);

        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Fact]
    public async Task RelayAsync_Embargoed_IsPostponedToItsTime()
    {
        await using var fixture = new PipelineFixture();
        var notBefore = fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(10);
        var wire = await fixture.Negotiation.SignAsync(fixture.Negotiation.Draft() with { NotBefore = notBefore }, "qatar", "oman");

        var ruling = await fixture.RelayAsync(wire);
        Assert.Equal((Verdict.Embargoed, notBefore), (ruling.Verdict, ruling.Until));
        Assert.Empty(fixture.Forwarder.Forwarded);

        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Fact]
    public async Task RelayAsync_DirectoryDown_WaitsAndThenForwards()
    {
        await using var fixture = new PipelineFixture();
        var answer = fixture.Source.Answer;
        fixture.Source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");

        var ruling = await fixture.RelayAsync(wire);
        Assert.Equal((Verdict.DirectoryUnavailable, "directory-unavailable"), (ruling.Verdict, ruling.Reason));
        Assert.Equal(fixture.Negotiation.Now + TimeSpan.FromHours(1), ruling.ExpiresAt);

        fixture.Source.Answer = answer;
        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Theory]
    [InlineData("read-only", Verdict.ReadOnly)]
    [InlineData("closed", Verdict.NegotiationClosed)]
    public async Task RelayAsync_NegotiationNotOpen_ForwardsNothing(string mode, Verdict verdict)
    {
        await using var fixture = new PipelineFixture();
        fixture.Source.Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document(mode));

        Assert.Equal(verdict, (await fixture.RelayAsync(await fixture.Negotiation.SignAsync("qatar", "oman"))).Verdict);
        Assert.Empty(fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task ExamineAsync_GoodEnvelope_HasNoEffect()
    {
        await using var fixture = new PipelineFixture();

        var examination = await fixture.Pipeline.ExamineAsync(
            await fixture.Negotiation.SignAsync("qatar", "oman"), DirectoryShare.Queue, TestContext.Current.CancellationToken);

        Assert.True(examination.IsAdmitted);
        Assert.Equal(["oman", "qatar"], examination.Admitted.Quorum.Counted);
        Assert.Empty(fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task RelayAsync_SameEnvelopeTwice_IsForwardedOnceWithItsReceipt()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");

        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
        Assert.Equal(Verdict.Duplicate, (await fixture.RelayAsync(wire)).Verdict);

        var sent = Assert.Single(fixture.Forwarder.Forwarded);
        Assert.Equal(1, sent.Index);
        Assert.True(Receipt.TryParse(sent.Receipt, out var receipt, out _, out var error), error);
        Assert.Equal(sent.Digest, receipt.Entry.Digest);
    }

    [Fact]
    public async Task RelayAsync_TopicDownAtFirst_ForwardsTheDuplicate()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        fixture.Forwarder.Answers["delegation-iran"] = SendOutcome.Unavailable;
        Assert.Equal(Verdict.TopicUnavailable, (await fixture.RelayAsync(wire)).Verdict);
        fixture.Forwarder.Answers.Clear();

        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
        Assert.Equal(Verdict.Duplicate, (await fixture.RelayAsync(wire)).Verdict);
        Assert.Equal([1L, 1L], fixture.Forwarder.Forwarded.Select(sent => sent.Index));
    }

    [Fact]
    public async Task RelayAsync_AStepTakesTooLong_IsUnfinishedAndGoesOnFromThereNextTime()
    {
        await using var fixture = new PipelineFixture();
        fixture.Keys.BeforeAnswer = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, token);
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        var slow = fixture.RelayAsync(wire).AsTask();
        await TestDeadline.Until(() => fixture.Time.IsArmed(PipelineFixture.Within), "the time the envelope is given");
        fixture.Time.Advance(PipelineFixture.Within);

        var ruling = await TestDeadline.Within(slow);
        Assert.Equal((Verdict.Unfinished, "unfinished"), (ruling.Verdict, ruling.Reason));
        Assert.Equal(fixture.Negotiation.Now + TimeSpan.FromHours(1), ruling.ExpiresAt);
        Assert.Equal(SettlementAction.Retry, VerdictTable.For(ruling.Verdict).Settlement);
        fixture.Keys.BeforeAnswer = (_, _) => Task.CompletedTask;
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    [Fact]
    public async Task RelayAsync_CallerCancels_IsCancelledNotUnfinished()
    {
        await using var fixture = new PipelineFixture();
        using var cancelled = new CancellationTokenSource();
        fixture.Keys.BeforeAnswer = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, fixture.Time, token);
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        var slow = fixture.Pipeline.RelayAsync(wire, null, PipelineFixture.Within, gathering: null, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(slow));
    }

    [Fact]
    public async Task RelayAsync_Gathered_WaitsForTheOthersToBeBegunAndSharesTheirCommit()
    {
        await using var fixture = new PipelineFixture();
        var gathering = new CommitGathering();
        var relays = new List<Task<Ruling>>();
        foreach (var draft in new[] { fixture.Negotiation.Draft(), fixture.Negotiation.Draft("iran", audience: ["us"]) })
        {
            var wire = await fixture.Negotiation.SignAsync(draft, "qatar", "oman");
            relays.Add(fixture.Pipeline.RelayAsync(
                wire, null, PipelineFixture.Within, gathering, TestContext.Current.CancellationToken).AsTask());
        }

        Assert.All(relays, relay => Assert.False(relay.IsCompleted));
        gathering.Dispose();
        Assert.All(await TestDeadline.Within(Task.WhenAll(relays)), ruling => Assert.Equal(Verdict.Forwarded, ruling.Verdict));
        Assert.All(fixture.Forwarder.Forwarded, sent =>
        {
            Assert.True(Receipt.TryParse(sent.Receipt, out var receipt, out _, out var error), error);
            Assert.Equal(relays.Count + 1, receipt.Checkpoint.Size);
        });

        // One that comes when the gathering is over waits for nobody.
        var late = await fixture.Negotiation.SignAsync(fixture.Negotiation.Draft(lane: Lane.Urgent), "qatar", "oman");
        var ruled = await TestDeadline.Within(fixture.Pipeline.RelayAsync(
            late, null, PipelineFixture.Within, gathering, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(Verdict.Forwarded, ruled.Verdict);
    }

    [Fact]
    public async Task RelayAsync_RandomBytes_AreMalformed()
    {
        await using var fixture = new PipelineFixture();
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Assert.True((await fixture.RelayAsync(bytes)).Verdict == Verdict.Malformed, $"seed {seed}, round {i}");
        }
    }
}
