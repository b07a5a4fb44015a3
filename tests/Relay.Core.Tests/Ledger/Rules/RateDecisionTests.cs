using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rates;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Tests.Ledger.Rules;

/// <summary>What rates do to decisions: what is past them comes at its own moment and is admitted then, in its stream's order.</summary>
public sealed class RateDecisionTests
{
    private static readonly Gcra Twenty = Gcra.Of(new RateLimit(20, 10));

    private readonly DecisionModel _model = new();

    [Fact]
    public void Decide_ABacklogPastItsRate_GivesEachAMomentOfItsOwnAtWhichItIsAdmitted()
    {
        var chain = Chain(500, Twenty);
        var decision = _model.Commit([.. chain]);

        Assert.Equal(10, decision.Rulings.Count(ruling => ruling.Ruling is null));
        var waits = decision.Rulings.Skip(10).Select(ruling => ruling.Ruling!).ToList();
        Assert.All(waits, wait => Assert.Equal((Verdict.RateLimited, 11L), (wait.Verdict, wait.Next!.Value)));
        Assert.Equal(
            Enumerable.Range(1, 490).Select(i => _model.Now + TimeSpan.FromMilliseconds(50 * i)), waits.Select(wait => wait.Until!.Value));

        // Each comes back alone, exactly then.
        for (var i = 0; i < waits.Count; i++)
        {
            _model.Now = waits[i].Until!.Value;
            Assert.Null(Assert.Single(_model.Commit(chain[10 + i]).Rulings).Ruling);
        }
        Assert.Equal(500, _model.Stream().Last);
    }

    [Fact]
    public void Decide_WhatIsPastItsRate_ChangesNothingAndAsksForNoOtherHead()
    {
        var chain = Chain(12, Twenty);
        _model.Commit([.. chain[..10]]);
        _model.IsFresh = false;
        var decision = _model.Decide(chain[10..]);
        Assert.Equal((false, false), (decision.Changes, decision.NeedsFreshHead));
        Assert.Same(_model.State, decision.State);
    }

    [Fact]
    public void Decide_TheSameTwice_RulesTheSame()
    {
        var chain = Chain(40, Twenty);
        var first = _model.Decide(chain);
        Assert.Equal(first.Rulings, _model.Decide(chain).Rulings);
        Assert.Equal(first.State.Streams, _model.Decide(chain).State.Streams);
    }

    [Fact]
    public void Decide_OtherLaneAndOtherSender_HaveRatesOfTheirOwn()
    {
        _model.Commit([.. Chain(20, Twenty)]);
        Assert.Null(_model.Commit(DecisionModel.Chain(1, "us", Lane.Urgent)[0] with { Rate = Twenty }).Rulings[0].Ruling);
        Assert.Null(_model.Commit(DecisionModel.Chain(1, "iran")[0] with { Rate = Twenty }).Rulings[0].Ruling);
    }

    [Fact]
    public void Decide_OutOfOrder_CountsWhatIsHeldOnce()
    {
        var chain = Chain(10, Twenty);
        var held = _model.Commit([.. chain[1..]]);
        Assert.All(held.Rulings, ruling => Assert.Equal(Verdict.Held, ruling.Ruling!.Verdict));
        // The copies of what is held cost nothing, and the tenth fits.
        _model.Commit([.. chain[1..]]);
        Assert.Null(_model.Commit(chain[0]).Rulings[0].Ruling);
        Assert.Equal(10, _model.Stream().Last);
        Assert.Equal(Gcra.Microseconds(_model.Now) + 10 * Twenty.Interval, _model.Stream().Due);
    }

    [Fact]
    public void Decide_OnceTheRateIsKept_ForgetsTheMoment()
    {
        var chain = Chain(3, Twenty);
        _model.Commit(chain[0], chain[1]);
        Assert.True(_model.Stream().Due > 0);
        _model.Now += TimeSpan.FromSeconds(5);
        _model.Commit(DecisionModel.Chain(1, "iran")[0]);
        Assert.Equal(0, _model.Stream().Due);
    }

    [Fact]
    public void Decide_DuplicatesPastTheRate_AreDuplicates()
    {
        var chain = Chain(11, Twenty);
        _model.Commit([.. chain]);
        Assert.All(_model.Commit([.. chain[..10]]).Rulings, ruling => Assert.Equal(Verdict.Duplicate, ruling.Ruling!.Verdict));
    }

    [Fact]
    public void Decide_ExpiredPastTheRate_IsExpired()
    {
        var chain = Chain(10, Twenty);
        _model.Commit([.. chain]);
        var over = DecisionModel.Make(11, chain[9].Head.Digest, exp: _model.Now) with { Rate = Twenty };
        Assert.Equal(Verdict.Expired, _model.Commit(over).Rulings[0].Ruling!.Verdict);
    }

    [Fact]
    public void Decide_ANegotiationsRate_HoldsAllBackAndGivesEachAMoment()
    {
        var all = Gcra.Of(new RateLimit(100, 4));
        Candidate[] many = [.. Enumerable.Range(0, 10).Select(i => DecisionModel.Chain(1, $"s{i}")[0] with { NegotiationRate = all })];
        var decision = _model.Commit(many);
        Assert.Equal(4, decision.Rulings.Count(ruling => ruling.Ruling is null));
        var until = decision.Rulings.Skip(4).Select(ruling => ruling.Ruling!.Until!.Value).ToList();
        Assert.Equal(Enumerable.Range(1, 6).Select(i => _model.Now + TimeSpan.FromMilliseconds(10 * i)), until);
        for (var i = 0; i < until.Count; i++)
        {
            _model.Now = until[i];
            Assert.Null(_model.Commit(many[4 + i]).Rulings[0].Ruling);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Decide_AnyArrivals_LoseNoneKeepTheOrderAndStayUnderTheRate(int seed)
    {
        var random = new Random(seed);
        var (chain, start) = (Chain(200, Twenty), _model.Now);
        // When each comes next; what is refused comes when it was told, up to 30 ms late, as a bus brings it.
        var due = chain.ToDictionary(envelope => envelope.Id.Sequence, _ => _model.Now + TimeSpan.FromMilliseconds(random.Next(2_000)));
        var refusals = 0;
        while (due.Count > 0)
        {
            _model.Now = due.Values.Min() > _model.Now ? due.Values.Min() : _model.Now;
            var now = due.Where(pair => pair.Value <= _model.Now).Select(pair => chain[(int)pair.Key - 1]).ToArray();
            random.Shuffle(now);
            var decision = _model.Commit(now);
            for (var i = 0; i < now.Length; i++)
            {
                if (decision.Rulings[i].Ruling is not { Verdict: Verdict.RateLimited } wait)
                {
                    Assert.True(decision.Rulings[i].Ruling is null or { Verdict: Verdict.Held }, $"{decision.Rulings[i].Ruling}");
                    due.Remove(now[i].Id.Sequence);
                    continue;
                }
                refusals++;
                Assert.True(wait.Until > _model.Now);
                due[now[i].Id.Sequence] = wait.Until!.Value + TimeSpan.FromMilliseconds(random.Next(30));
            }
        }

        Assert.Equal(200, _model.Stream().Last);
        // At their moment nearly all are admitted at once: one refusal each, but for what comes in a stranger order, and for those whose
        // moments went to what is held though they are missing.
        Assert.InRange(refusals, 1, 3 * chain.Length);
        Assert.InRange(_model.Now - start, TimeSpan.FromMilliseconds(50 * (200 - 10)), TimeSpan.FromMilliseconds(50 * 200 + 2_500));
    }

    [Fact]
    public void Notices_OfAStreamHeldBack_TellOnceAndOnceThatItGoesOn()
    {
        var notices = new ThrottleNotices();
        var chain = Chain(30, Twenty);
        var first = _model.Commit([.. chain]);
        var told = Assert.Single(notices.Of(chain, first, _model.Now));
        Assert.Equal(
            (LedgerSignalKind.Throttled, 11L, _model.Now + TimeSpan.FromMilliseconds(50)),
            (told.Kind, told.Id!.Value.Sequence, told.Until!.Value));
        for (var i = 10; i < 30; i++)
        {
            _model.Now = first.Rulings[i].Ruling!.Until!.Value;
            var next = notices.Of([chain[i]], _model.Commit(chain[i]), _model.Now);
            if (i < 29) Assert.Empty(next);
            else Assert.Equal(LedgerSignalKind.ThrottleEnded, Assert.Single(next).Kind);
        }
    }

    private static Candidate[] Chain(int count, Gcra rate) =>
        [.. DecisionModel.Chain(count).Select(candidate => candidate with { Rate = rate })];
}
