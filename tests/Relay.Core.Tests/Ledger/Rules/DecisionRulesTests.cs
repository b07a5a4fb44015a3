using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using static Relay.Core.Tests.Ledger.Rules.DecisionModel;

namespace Relay.Core.Tests.Ledger.Rules;

public sealed class DecisionRulesTests
{
    /// <summary>
    /// Each row: the ledger has envelopes 1 to 3 of a chain and holds 6 (and what
    /// the row adds); what comes; the outcome, entries added, blobs put, deleted.
    /// </summary>
    public static TheoryData<string, string?, int, int, int> Rows => new()
    {
        { "next", null, 1, 0, 0 },
        { "next and gap filled", null, 2, 0, 0 },
        { "next with other prev", ReasonCodes.BrokenChain, 1, 1, 0 },
        { "logged again", ReasonCodes.Duplicate, 0, 0, 0 },
        { "last logged again", ReasonCodes.Duplicate, 0, 0, 0 },
        { "logged id, other content", ReasonCodes.Equivocation, 1, 1, 0 },
        { "held again", ReasonCodes.Held, 0, 0, 0 },
        { "held id, other content", ReasonCodes.Equivocation, 1, 1, 0 },
        { "gap", ReasonCodes.Held, 0, 1, 0 },
        { "first of another lane", null, 1, 0, 0 },
        { "gap in another lane", ReasonCodes.Held, 0, 1, 0 },
        { "next, expired", ReasonCodes.Expired, 0, 0, 0 },
        { "gap, expired", ReasonCodes.Expired, 0, 0, 0 },
        { "next, written ahead of the clock", ReasonCodes.LedgerUnavailable, 0, 0, 0 },
        { "gap, written ahead of the clock", ReasonCodes.LedgerUnavailable, 0, 0, 0 },
        { "next, written as far ahead as may be", null, 1, 0, 0 },
        { "logged, expired", ReasonCodes.Duplicate, 0, 0, 0 },
        { "seen with right root", null, 1, 0, 0 },
        { "seen empty", null, 1, 0, 0 },
        { "seen with wrong root", ReasonCodes.ForkSeen, 1, 1, 0 },
        { "seen too large", ReasonCodes.ForkSeen, 1, 1, 0 },
        { "gap, seen with wrong root", ReasonCodes.ForkSeen, 1, 1, 0 },
        { "logged, seen with wrong root", ReasonCodes.Duplicate, 0, 0, 0 },
        { "older policy", ReasonCodes.PolicyOutdated, 0, 0, 0 },
        { "other policy of this version", ReasonCodes.PolicyConflict, 0, 0, 0 },
        { "newer policy", null, 2, 1, 0 },
        { "gap, newer policy", ReasonCodes.Held, 1, 2, 0 },
        { "logged, older policy", ReasonCodes.Duplicate, 0, 0, 0 },
        { "held, older policy", ReasonCodes.Held, 0, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Decide_Row_HasItsOutcome(string row, string? reason, int entries, int puts, int deletes)
    {
        var (model, chain) = Given();
        var candidate = row switch
        {
            "next" => chain[3],
            "next and gap filled" => chain[4],
            "next with other prev" => Make(4, chain[0].Head.Digest),
            "logged again" => chain[0],
            "last logged again" => chain[2],
            "logged id, other content" => Make(2, chain[0].Head.Digest, content: "other"),
            "held again" => chain[5],
            "held id, other content" => Make(6, chain[4].Head.Digest, content: "other"),
            "gap" => chain[6],
            "first of another lane" => Make(1, null, lane: Lane.Urgent),
            "gap in another lane" => Make(2, null, lane: Lane.Urgent),
            "next, expired" => Make(4, chain[2].Head.Digest, exp: model.Now),
            "gap, expired" => Make(7, null, exp: model.Now),
            "next, written ahead of the clock" => Make(4, chain[2].Head.Digest, ahead: TimeSpan.FromSeconds(121)),
            "gap, written ahead of the clock" => Make(8, null, ahead: TimeSpan.FromSeconds(121)),
            "next, written as far ahead as may be" => Make(4, chain[2].Head.Digest, ahead: TimeSpan.FromSeconds(120)),
            "logged, expired" => chain[0],
            "seen with right root" => Make(4, chain[2].Head.Digest, seen: new SeenCheckpoint(2, model.Roots[2])),
            "seen empty" => Make(4, chain[2].Head.Digest, seen: new SeenCheckpoint(0, MerkleHash.Empty)),
            "seen with wrong root" => Make(4, chain[2].Head.Digest, seen: new SeenCheckpoint(2, model.Roots[3])),
            "seen too large" => Make(4, chain[2].Head.Digest, seen: new SeenCheckpoint(model.State.Size + 1, model.Roots[3])),
            "gap, seen with wrong root" => Make(8, null, seen: new SeenCheckpoint(0, model.Roots[3])),
            "logged, seen with wrong root" => chain[0],
            "older policy" => Make(4, chain[2].Head.Digest, policy: Policy with { Version = 6 }),
            "other policy of this version" => Make(4, chain[2].Head.Digest, policy: Policy with { Digest = Digest.Of("else"u8) }),
            "newer policy" => Make(4, chain[2].Head.Digest, policy: new PolicyState(8, Digest.Of("8"u8))),
            "gap, newer policy" => Make(8, null, policy: new PolicyState(8, Digest.Of("8"u8))),
            "logged, older policy" => chain[1] with { Policy = Policy with { Version = 6 } },
            "held, older policy" => chain[5] with { Policy = Policy with { Version = 6 } },
            _ => throw new ArgumentOutOfRangeException(nameof(row)),
        };
        if (row == "next and gap filled") model.Commit(chain[3]);
        if (row == "logged, expired") model.Now += TimeSpan.FromMinutes(59);

        var decision = model.Commit(candidate);

        Assert.Equal(reason, decision.Rulings[0].Ruling?.Reason);
        Assert.Equal((entries, puts, deletes), (decision.Entries.Length, decision.Puts.Length, decision.Deletes.Length));
        Assert.Equal(entries + puts > 0, decision.Changes);
        Assert.False(decision.NeedsFreshHead);
        if (decision.Rulings[0].Ruling is { } ruling) Assert.Matches("expected .*got ", ruling.Description);
    }

    [Fact]
    public void Decide_EmptyLedger_PutsThePolicyFirst()
    {
        var model = new DecisionModel();
        var decision = model.Commit(Chain(1)[0]);

        Assert.Equal(1, decision.Rulings[0].Index);
        Assert.Equal(7, Assert.IsType<PolicyEntry>(model.Entries[0]).Version);
        Assert.IsType<EnvelopeEntry>(model.Entries[1]);
        Assert.Equal(new OutstandingEntry(1, model.Now + TimeSpan.FromHours(1), null), Assert.Single(model.State.Outstanding));
    }

    [Fact]
    public void Decide_GapFilled_ReleasesInOneCommitAndKeepsTheBlobs()
    {
        var model = new DecisionModel();
        var chain = Chain(5);
        model.Commit(chain[0], chain[2], chain[4], chain[3]);
        Assert.Equal([3, 4, 5], model.Stream().Held.Select(held => held.Sequence));

        var decision = model.Commit(chain[1]);

        Assert.Equal([3, 4, 5], decision.Releases.Select(release => release.Envelope.Id.Sequence));
        Assert.Empty(decision.Deletes);
        Assert.Equal(5, model.Stream().Last);
        Assert.Equal(3, model.State.Outstanding.Count(entry => entry.Released is not null));

        // The blobs go when they are known to be forwarded.
        var after = model.Commit([], [.. decision.Releases.Select(release => release.Index)]);
        Assert.Equal(3, after.Deletes.Length);
        Assert.Empty(model.State.Outstanding.Where(entry => entry.Released is not null));
    }

    [Fact]
    public void Decide_ReleasedSuccessorDoesNotFit_IsEvidenceAndHeldNoLonger()
    {
        var model = new DecisionModel();
        var chain = Chain(3);
        var stray = Make(3, chain[0].Head.Digest, content: "stray");
        model.Commit(chain[0], stray);

        var decision = model.Commit(chain[1]);

        Assert.Equal(EvidenceKind.BrokenChain, Assert.IsType<EvidenceEntry>(model.Entries[^1]).Shows);
        Assert.Empty(model.Stream().Held);
        Assert.Single(decision.Deletes);
        Assert.Equal(LedgerSignalKind.BrokenChain, Assert.Single(decision.Signals).Kind);
        Assert.Equal(stray.Wire.ToArray(), model.Blobs[LedgerPaths.Evidence(Negotiation, stray.Head.Digest)].ToArray());

        // The stream goes on with the right one, and the stray is what it was.
        Assert.Null(model.Commit(chain[2]).Rulings[0].Ruling);
        var again = model.Commit(stray);
        Assert.Equal((ReasonCodes.Equivocation, 0), (again.Rulings[0].Ruling?.Reason, again.Entries.Length));
    }

    [Fact]
    public void Decide_SameEnvelopeTwiceInAGroup_IsLoggedOnce()
    {
        var model = new DecisionModel();
        var chain = Chain(2);
        var decision = model.Commit(chain[1], chain[0], chain[1], chain[0]);

        Assert.Equal([null, null, ReasonCodes.Duplicate, ReasonCodes.Duplicate], decision.Rulings.Select(ruling => ruling.Ruling?.Reason));
        Assert.Equal([2, 1, 2, 1], decision.Rulings.Select(ruling => ruling.Index));
        Assert.All(decision.Rulings[2..], ruling => Assert.True(ruling.Forward));
    }

    [Fact]
    public void Decide_DuplicateKnownToBeForwarded_IsNotForwardedAgain()
    {
        var (model, chain) = Given();
        Assert.True(model.Commit(chain[0]).Rulings[0].Forward);
        model.Commit([], 1);
        Assert.False(model.Commit(chain[0]).Rulings[0].Forward);
        Assert.True(model.Commit(chain[1]).Rulings[0].Forward);
    }

    [Fact]
    public void Decide_SameContradictionAgain_IsRefusedWithoutAnotherEntry()
    {
        var (model, chain) = Given();
        var other = Make(2, chain[0].Head.Digest, content: "other");
        Assert.Single(model.Commit(other, other).Entries);
        var again = model.Commit(other);
        Assert.Equal((ReasonCodes.Equivocation, 0, false), (again.Rulings[0].Ruling?.Reason, again.Entries.Length, again.Changes));
    }

    [Fact]
    public void Decide_OldHead_HoldFullAndForkAskForAFreshOne()
    {
        var model = new DecisionModel { IsFresh = false };
        var chain = Chain(1);
        model.Commit(chain[0]);
        model.Commit([.. Enumerable.Range(3, LedgerLimits.HeldPerStream).Select(i => Make(i, null))]);

        var full = model.Decide([Make(1_000, null)]);
        Assert.Equal((ReasonCodes.HoldFull, true), (full.Rulings[0].Ruling?.Reason, full.NeedsFreshHead));
        var fork = model.Decide([Make(2, chain[0].Head.Digest, seen: new SeenCheckpoint(99, Digest.Of("x"u8)))]);
        Assert.Equal((ReasonCodes.ForkSeen, true), (fork.Rulings[0].Ruling?.Reason, fork.NeedsFreshHead));
        model.IsFresh = true;
        Assert.False(model.Decide([Make(1_000, null)]).NeedsFreshHead);
    }

    [Fact]
    public void Decide_OldHeadContradictedByWhatItHolds_AsksForAFreshOneUnlessItWritesTheEvidence()
    {
        var model = new DecisionModel { IsFresh = false };
        model.Commit(Make(3, null));
        var other = Make(3, null, content: "other");

        var first = model.Commit(other);
        Assert.Equal((ReasonCodes.Equivocation, true, false), (first.Rulings[0].Ruling?.Reason, first.Changes, first.NeedsFreshHead));
        var again = model.Decide([other]);
        Assert.Equal((ReasonCodes.Equivocation, false, true), (again.Rulings[0].Ruling?.Reason, again.Changes, again.NeedsFreshHead));
        model.IsFresh = true;
        Assert.False(model.Decide([other]).NeedsFreshHead);
    }

    [Fact]
    public void Decide_HeldLimitOfTheNegotiation_CountsReleasedOnesToo()
    {
        var model = new DecisionModel();
        foreach (var sender in new[] { "us", "iran" })
        {
            var chain = Chain(LedgerLimits.HeldPerStream + 1, sender);
            model.Commit([.. chain.Skip(1)]);
            model.Commit(chain[0]);
            Assert.Equal(LedgerLimits.HeldPerStream + 1, model.Stream(sender).Last);
        }

        Assert.Equal(ReasonCodes.HoldFull, model.Commit(Make(5, null, "oslo")).Rulings[0].Ruling?.Reason);
        model.Commit([], model.State.Outstanding.First(entry => entry.Released is not null).Index);
        Assert.Equal(ReasonCodes.Held, model.Commit(Make(5, null, "oslo")).Rulings[0].Ruling?.Reason);
    }

    [Fact]
    public void Decide_TooManyOutstanding_IsBacklogUntilSomeAreForwarded()
    {
        var model = new DecisionModel();
        var chain = Chain(2);
        model.Commit(chain[0]);
        model.Outstand(LedgerLimits.OutstandingEntries - 1, LedgerLimits.OutstandingEntries);
        Assert.Equal(ReasonCodes.LedgerBacklog, model.Commit(chain[1]).Rulings[0].Ruling?.Reason);
        Assert.Null(model.Commit([chain[1]], 1).Rulings[0].Ruling);
    }

    [Fact]
    public void Decide_TooManyRunsOutstanding_IsBacklogUntilOneIsForwarded()
    {
        var model = new DecisionModel();
        var chain = Chain(2);
        model.Commit(chain[0]);
        model.Outstand(LedgerLimits.Outstanding - 1, 1);
        Assert.Equal(ReasonCodes.LedgerBacklog, model.Commit(chain[1]).Rulings[0].Ruling?.Reason);
        Assert.Null(model.Commit([chain[1]], 1).Rulings[0].Ruling);
    }

    [Fact]
    public void Decide_SomeOfARunForwarded_LeavesTheOthersAndForgetsNone()
    {
        var model = new DecisionModel();
        var chain = Chain(8);
        model.Commit(chain);
        Assert.Equal(new OutstandingEntry(1, model.Now + TimeSpan.FromHours(1), null, 8), Assert.Single(model.State.Outstanding));
        model.Commit([], 1, 3, 4, 8, 77);
        Assert.Equal([(2L, 1), (5L, 3)], model.State.Outstanding.Select(run => (run.Index, run.Count)));
        for (var i = 0; i < chain.Length; i++)
        {
            Assert.Equal(i is 1 or 4 or 5 or 6, model.Decide([chain[i]]).Rulings[0].Forward);
        }

        model.Commit([], 2, 5, 6, 7);
        Assert.Empty(model.State.Outstanding);
    }

    [Fact]
    public void Decide_MoreRunsThanAHeadHasRoomFor_KeepsEntriesOutstanding()
    {
        var model = new DecisionModel();
        model.Commit(Chain(1)[0]);
        model.Outstand(LedgerLimits.Outstanding - 1, 3);
        var run = model.State.Outstanding[^1];
        model.Commit([], run.Index + 1);
        Assert.Equal(run, model.State.Outstanding[^1]);
        model.Commit([], run.Index, run.Index + 1);
        Assert.Equal(run with { Index = run.Index + 2, Count = 1 }, model.State.Outstanding[^1]);
    }

    [Fact]
    public void Decide_ReleaseMeetsTheOutstandingLimit_GoesOnWithALaterCommit()
    {
        var model = new DecisionModel();
        model.Commit(Chain(1, "iran")[0]);
        model.Outstand(LedgerLimits.Outstanding - 2, 1);
        var chain = Chain(3);
        model.Commit(chain[1], chain[2]);
        model.Commit(chain[0]);
        Assert.Equal(1, model.Stream().Last);

        var decision = model.Commit([], 1, model.State.Outstanding[^1].Index);

        Assert.Equal([2, 3], decision.Releases.Select(release => release.Envelope.Id.Sequence));
    }

    [Fact]
    public void Decide_Expired_IsTakenOutAndNeverComesBackByASlowClock()
    {
        var model = new DecisionModel();
        var chain = Chain(3);
        var waiting = Make(3, chain[1].Head.Digest, exp: model.Now + TimeSpan.FromMinutes(5));
        model.Commit(chain[0], waiting);
        model.Now += TimeSpan.FromMinutes(5);

        var decision = model.Commit([]);

        Assert.Equal((LedgerSignalKind.HeldExpired, waiting.Id), (decision.Signals[0].Kind, decision.Signals[0].Id));
        Assert.Single(decision.Deletes);
        Assert.Empty(model.Stream().Held);
        model.Now -= TimeSpan.FromMinutes(4);
        Assert.Equal(ReasonCodes.Expired, model.Commit(waiting).Rulings[0].Ruling?.Reason);
        // The sequence may be used again.
        Assert.Equal(ReasonCodes.Held, model.Commit(chain[2]).Rulings[0].Ruling?.Reason);
    }

    [Fact]
    public void Decide_ClockStepsBack_EntriesDoNot()
    {
        var model = new DecisionModel();
        var chain = Chain(2);
        model.Commit(chain[0]);
        var first = model.State.At;
        model.Now -= TimeSpan.FromMinutes(1);
        model.Commit(chain[1]);
        Assert.Equal(first, model.State.At);
        Assert.Equal(first, model.Entries[^1].At);
    }

    [Fact]
    public void Decide_DamagedFacts_StopOnlyWhatNeedsThem()
    {
        var (model, chain) = Given();
        var id = chain[0].Id;
        model.Spoil = facts =>
        {
            facts.Logged[id] = new Fact<LoggedEntry>(default, "expected the entry, got another");
            facts.DamagedStreams[new StreamId(Negotiation, "us", Lane.Normal)] = "expected the chunk, got another";
        };

        var decision = model.Commit(chain[0], chain[1], chain[3], Make(1, null, "iran"));

        Assert.Equal(
            [
                ReasonCodes.LedgerDamaged, ReasonCodes.Duplicate, ReasonCodes.LedgerDamaged, null,
            ], decision.Rulings.Select(ruling => ruling.Ruling?.Reason));
    }

    [Fact]
    public void Decide_HeldBlobDamaged_StaysHeldUntilItIsSentAgain()
    {
        var model = new DecisionModel();
        var chain = Chain(4);
        model.Commit(chain[0], chain[2], chain[3]);
        model.Spoil = facts => facts.Held[Digest.Of(chain[2].ToHeld().ToBytes())] = new Fact<Candidate>(
            null!, "expected the held envelope, got damaged bytes");

        Assert.Null(model.Commit(chain[1]).Rulings[0].Ruling);
        Assert.Equal(2, model.Stream().Last);
        var decision = model.Commit(chain[2]);

        Assert.Null(decision.Rulings[0].Ruling);
        Assert.Equal(4, Assert.Single(decision.Releases).Envelope.Id.Sequence);
        Assert.Empty(model.Stream().Held);
    }

    [Fact]
    public void Decide_TooManyStreams_IsBacklog()
    {
        var model = new DecisionModel();
        model.Commit([.. Enumerable.Range(0, LedgerLimits.Streams).Select(i => Make(1, null, $"d{i}"))]);
        Assert.Equal(ReasonCodes.LedgerBacklog, model.Commit(Make(1, null, "one-more")).Rulings[0].Ruling?.Reason);
    }

    // Envelopes 1 to 3 logged, 6 held.
    private static (DecisionModel Model, System.Collections.Immutable.ImmutableArray<Candidate> Chain) Given()
    {
        var model = new DecisionModel();
        var chain = Chain(8);
        model.Commit([.. chain[..3], chain[5]]);
        return (model, chain);
    }
}
