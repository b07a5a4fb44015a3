using System.Collections.Immutable;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Risk.Observations;
using Relay.Risk.Series;
using Relay.Risk.Silence;

namespace Relay.Risk.Tests.Silence;

public sealed class SilenceWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableArray<string> All = ["oman", "qatar", "swiss"];

    private readonly SilenceWatch _watch = new(new SilenceRules(20, TimeSpan.FromMinutes(30)), "relay");
    private readonly LocalHealth _health = new();
    private readonly OwnPauses _pauses = new();
    private long _index;
    private double _now;

    [Fact]
    public void Delegation_SilentWhileOthersAreHeard_IsTheParty()
    {
        Talk(minutes: 3_000);
        var at = _now;
        while (Judge().Count == 0 && _now < at + 3_600) Send("us", _now + 10, All);
        var told = Assert.Single(_watch.Silent);
        Assert.Equal((PartyKind.Delegation, "iran", SilenceCause.Party), told);
        // Its gaps are a minute; three of them at most.
        Assert.InRange(_now - at, 120, 190);
    }

    [Fact]
    public void Everybody_SilentAtOnce_IsThePathAndLater()
    {
        Talk(minutes: 3_000);
        var at = _now;
        var notices = new List<SilenceNotice>();
        while (notices.Count == 0 && _now < at + 3_600)
        {
            _now++;
            notices.AddRange(Judge());
        }

        Assert.All(notices, notice => Assert.Equal((SilenceCause.Path, 0), (notice.Cause!.Value, notice.Confirmers)));
        Assert.InRange(_now - at, 300, 370);
        // One of them is heard again, so it was the other.
        Send("us", _now + 1, All);
        _now += 120;
        var then = Judge();
        Assert.Contains(then, notice => notice is { Party: "us", Cause: null });
        Assert.Contains(then, notice => notice is { Party: "iran", Cause: SilenceCause.Party, Confirmers: 3 });
    }

    [Fact]
    public void Relay_ThatKnowsItCannotWork_SuspectsItselfAndNobodyElse()
    {
        Talk(minutes: 3_000);
        var since = Of(_now);
        _now += 3_600;
        var told = Assert.Single(_watch.Judge(Of(_now), _health, _pauses, since));
        Assert.Equal((PartyKind.Relay, "relay", SilenceCause.Relay), (told.Kind, told.Party, told.Cause!.Value));
        Assert.Empty(_watch.Judge(Of(_now + 1), _health, _pauses, since));
        // The time is nobody's silence.
        _pauses.Add(since, Of(_now + 2));
        var back = Assert.Single(_watch.Judge(Of(_now + 2), _health, _pauses));
        Assert.Equal((PartyKind.Relay, null), (back.Kind, back.Cause));
        Assert.Empty(_watch.Silent);
    }

    [Fact]
    public void Relay_ThatStoodStill_BlamesNobodyForThatTime()
    {
        Talk(minutes: 3_000);
        _pauses.Add(Of(_now), Of(_now + 3_600));
        _now += 3_600;
        Assert.Empty(Judge());
        Assert.True(_watch.NextLook(Of(_now), _pauses) > Of(_now + 30));
    }

    [Fact]
    public void Relay_ThatIsSlow_TakesLongerToSuspect()
    {
        Talk(minutes: 3_000);
        for (var i = 0; i < 20; i++) _health.Note(isWell: false);
        Assert.Equal(9, _health.Multiplier);
        Send("us", _now + 200, All);
        Assert.DoesNotContain(Judge(), notice => notice.Party == "iran");
        for (var i = 0; i < 20; i++) _health.Note(isWell: true);
        Assert.Contains(Judge(), notice => notice.Party == "iran");
    }

    [Fact]
    public void Delegation_ThatComesBack_IsToldSoAndItsOutageIsNoRhythm()
    {
        Talk(minutes: 3_000);
        var (last, before) = (_now, _now + 7_200);
        while (_now < before) Send("us", _now + 60, All);
        var told = Assert.Single(Judge(), notice => notice.Cause is not null);
        Send("iran", _now + 10, All);
        var back = Assert.Single(Judge());
        Assert.Equal(("iran", null, Of(last), Of(_now)), (back.Party, back.Cause, back.Since, back.At));
        Assert.Empty(_watch.Silent);
        // Told again as soon: what is learnt of two hours is two minutes.
        Send("us", _now + 400, All);
        Assert.Contains(Judge(), notice => notice.Party == "iran" && notice.Longest <= 2 * told.Longest);
    }

    [Fact]
    public void Acknowledgement_IsASignOfLife()
    {
        Talk(minutes: 3_000);
        for (var i = 0; i < 100; i++)
        {
            Send("us", _now + 60, All);
            _watch.Hear("iran", Of(_now), _pauses);
            Assert.DoesNotContain(Judge(), notice => notice.Party == "iran");
        }
    }

    [Fact]
    public void Mediator_ThatNoLongerVouches_IsSilentByItsOwnSendersEnvelopes()
    {
        Talk(minutes: 3_000);
        var sent = 0;
        IReadOnlyList<SilenceNotice> told = [];
        while (told.Count == 0 && sent < 100)
        {
            Send(sent++ % 2 == 0 ? "iran" : "us", _now + 30, ["oman", "qatar"]);
            told = Judge();
        }

        var notice = Assert.Single(told);
        Assert.Equal((PartyKind.Mediator, "swiss", SilenceCause.Party), (notice.Kind, notice.Party, notice.Cause!.Value));
        Assert.InRange(sent, 2, 4);
        Send("iran", _now + 30, All);
        Assert.Equal(("swiss", null), Assert.Single(Judge()) is var back ? (back.Party, back.Cause) : default);
    }

    [Fact]
    public void Mediators_WhileNobodySends_AreNotJudged()
    {
        Talk(minutes: 3_000);
        _now += 86_400;
        Assert.All(Judge(), notice => Assert.Equal(PartyKind.Delegation, notice.Kind));
    }

    [Fact]
    public void Party_OfWhichLittleIsKnown_IsNotJudged()
    {
        Talk(minutes: 10);
        _now += 86_400 / 100;
        Assert.Empty(Judge());
    }

    [Fact]
    public void Observe_TheSameLedgerAgain_ChangesNothing()
    {
        var ledger = new MadeUpLedger();
        for (var i = 0; i < 100; i++) ledger.Send(i % 2 == 0 ? "iran" : "us", i * 30, [i % 2 == 0 ? "us" : "iran"]);
        _watch.Observe(ledger.Observations, _pauses);
        _watch.Observe(ledger.Observations, _pauses);
        var now = MadeUpLedger.Start.AddSeconds((99 * 30) + 3_600);
        var told = _watch.Judge(now, _health, _pauses);
        Assert.Equal(["iran", "us"], told.Select(notice => notice.Party).Order(StringComparer.Ordinal));
        Assert.All(told, notice => Assert.Equal((49L, 60.0), (notice.Gaps, notice.Longest)));
    }

    [Fact]
    public void Delegations_OfANegotiationThatIsClosed_AreNotJudgedBeforeItIsOpen()
    {
        var ledger = new MadeUpLedger();
        for (var i = 0; i < 100; i++) ledger.Send(i % 2 == 0 ? "iran" : "us", i * 30, [i % 2 == 0 ? "us" : "iran"]);
        ledger.Add(new ModeEntry { Mode = NegotiationMode.ReadOnly, At = MadeUpLedger.Start.AddSeconds(3_000) });
        _watch.Observe(ledger.Observations, _pauses);
        Assert.Empty(_watch.Judge(MadeUpLedger.Start.AddDays(1), _health, _pauses));
        var opened = MadeUpLedger.Start.AddDays(1).AddSeconds(1);
        ledger.Add(new ModeEntry { Mode = NegotiationMode.Open, At = opened });
        _watch.Observe(ledger.Observations, _pauses);
        Assert.Empty(_watch.Judge(opened.AddSeconds(60), _health, _pauses));
        Assert.Equal(2, _watch.Judge(opened.AddHours(2), _health, _pauses).Count);
    }

    [Fact]
    public void Event_OfASilence_IsACloudEventWithOneIdForIt()
    {
        var notice = new SilenceNotice(
            PartyKind.Delegation, "iran", SilenceCause.Party, Start, Start.AddMinutes(3), 9.87654321987, 60, 500, 3);
        using var json = JsonDocument.Parse(SilenceEvent.Write(notice, "relay.example", "doha-2026"));
        var root = json.RootElement;
        Assert.Equal("relay.silent.v1", root.GetProperty("type").GetString());
        Assert.Equal("silent-party-delegation-iran-1793577600000", root.GetProperty("id").GetString());
        Assert.Equal("/relay.example/doha-2026", root.GetProperty("source").GetString());
        Assert.Equal("delegation", root.GetProperty("data").GetProperty("kind").GetString());
        Assert.Equal(9.87654322, root.GetProperty("data").GetProperty("suspicion").GetDouble());
        using var back = JsonDocument.Parse(SilenceEvent.Write(notice with { Cause = null }, "relay.example", "doha-2026"));
        Assert.Equal("relay.back.v1", back.RootElement.GetProperty("type").GetString());
        Assert.Equal("back-delegation-iran-1793577600000", back.RootElement.GetProperty("id").GetString());
    }

    // 1 / (n + 1) for the longest itself, whatever the distribution; twice it: n B(n, 3) = 2 / ((n + 1) (n + 2)).
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100_000)]
    public void Suspicion_OfMultiplesOfTheLongest_IsThatOfRecords(long gaps)
    {
        Assert.Equal(Math.Log10(gaps + 1), RecordSuspicion.Of(gaps, 1), 9);
        Assert.Equal(Math.Log10((gaps + 1.0) * (gaps + 2) / 2), RecordSuspicion.Of(gaps, 2), 7);
        Assert.Equal(2, RecordSuspicion.RatioAt(gaps, RecordSuspicion.Of(gaps, 2)), 2);
        Assert.Equal(0, RecordSuspicion.Of(gaps, 0));
        Assert.Equal(RecordSuspicion.Most, RecordSuspicion.Of(gaps, double.PositiveInfinity));
    }

    [Fact]
    public void Suspicion_OfPoissonGaps_IsReachedAsOftenAsItSays()
    {
        var samples = new Samples(11);
        var reached = 0;
        const int Trials = 200_000;
        for (var i = 0; i < Trials; i++)
        {
            var longest = samples.Poisson(20).Max();
            if (RecordSuspicion.Of(20, samples.Exponential() / longest) >= 2) reached++;
        }

        Assert.InRange(reached / (double)Trials, 0.009, 0.011);
    }

    [Fact]
    public void Record_OfManyGaps_ForgetsOldOnesAndKeepsAFortnight()
    {
        var record = new GapRecord();
        record.Add(1_000, Start, Start.AddSeconds(1_000));
        var at = Start.AddSeconds(1_000);
        for (var i = 0; i < 40_000; i++, at = at.AddSeconds(60)) record.Add(60, at, at.AddSeconds(60));
        Assert.Equal(60, record.Longest);
        Assert.InRange(record.Count, 14 * 1_440, 16 * 1_440);
        Assert.Equal(1_440, record.PerDay, 1);
    }

    // A tenth of the gaps are long: what their number says of the next long one is a tenth of what it says where all are of one kind.
    [Theory]
    [InlineData(1.0, 0.95, 1.0)]
    [InlineData(0.1, 0.08, 0.13)]
    [InlineData(0.01, 0.006, 0.014)]
    public void LongShare_OfLongGapsAmongShortOnes_IsTheirPart(double chance, double least, double most)
    {
        var record = new GapRecord();
        var samples = new Samples(5);
        var at = Start;
        void Add(double gap)
        {
            record.Add(gap, at, at.AddSeconds(gap));
            at = at.AddSeconds(gap);
        }

        Add(1e7);
        for (var i = 0; i < 200_000; i++) Add(Math.Max(0.001, (samples.Uniform() < chance ? 1_800 : 1) * samples.Exponential()));
        Assert.InRange(record.LongShare, least, most);
        Assert.InRange(record.Longest, 1_800, 1e5);
    }

    [Fact]
    public void Ratio_OfFewLongGaps_IsMoreButWithinThree()
    {
        var ofOneKind = SilenceRules.Ratio(6_000, 436, 1);
        Assert.Equal(RecordSuspicion.RatioAt(6_000, SilenceRules.Threshold(436)), ofOneKind);
        Assert.InRange(SilenceRules.Ratio(6_000, 436, 0.5), ofOneKind + 0.1, 2.9);
        Assert.Equal(2.9, SilenceRules.Ratio(6_000, 436, 0.1));
        // A few gaps are not enough for less than that, whatever they are.
        Assert.Equal(SilenceRules.Ratio(100, 10, 1), SilenceRules.Ratio(100, 10, 0.01));
        Assert.True(SilenceRules.Ratio(100, 10, 1) > 2.9);
    }

    [Fact]
    public void Pauses_OverAStretch_CountOnceEach()
    {
        _pauses.Add(Of(10), Of(20));
        _pauses.Add(Of(15), Of(30));
        _pauses.Add(Of(25), Of(28));
        Assert.Equal(TimeSpan.FromSeconds(80), _pauses.Awake(Of(0), Of(100)));
        Assert.Equal(TimeSpan.FromSeconds(5), _pauses.Awake(Of(5), Of(25)));
        Assert.Equal(TimeSpan.Zero, _pauses.Awake(Of(100), Of(0)));
        // One that began before all of them, and is known last.
        _pauses.Add(Of(50), Of(55));
        _pauses.Add(Of(5), Of(60));
        Assert.Equal(TimeSpan.FromSeconds(45), _pauses.Awake(Of(0), Of(100)));
    }

    [Fact]
    public void Pauses_OfWhichManyAreForgotten_CountAsBefore()
    {
        for (var i = 0; i < 1_000; i++) _pauses.Add(Of(10 * i), Of((10 * i) + 1));
        Assert.Equal(TimeSpan.FromSeconds(90), _pauses.Awake(Of(9_000), Of(9_100)));
        Assert.Equal(TimeSpan.FromSeconds(10_000 - 256), _pauses.Awake(Of(0), Of(10_000)));
        Assert.Equal(TimeSpan.FromSeconds(10), _pauses.Awake(Of(20), Of(30)));
    }

    // Both send once a minute, half a minute apart.
    private void Talk(int minutes)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            Send("us", (minute * 60) + 30, All);
            Send("iran", (minute * 60) + 60, All);
        }

        Assert.Empty(Judge());
    }

    private void Send(string sender, double at, ImmutableArray<string> vouched)
    {
        _now = at;
        _watch.Observe(
            new ObservedEnvelope(_index, Of(at), sender, Lane.Normal, ++_index, [], Of(at), vouched, 1), _pauses);
    }

    private IReadOnlyList<SilenceNotice> Judge() => _watch.Judge(Of(_now), _health, _pauses);

    private static DateTimeOffset Of(double seconds) => Start.AddSeconds(seconds);
}
