using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Risk.Results;

namespace Relay.Risk.Tests;

public sealed class SignalCalculatorTests
{
    private static readonly string[] Iran = ["iran"];
    private static readonly string[] Us = ["us"];

    [Fact]
    public void Compute_NothingLogged_IsNothing()
    {
        var signals = new MadeUpLedger().Compute(100);
        Assert.Empty(signals.Senders);
        Assert.Empty(signals.Directions);
        Assert.Empty(signals.Answers);
        Assert.Empty(signals.Alarms);
        Assert.Empty(signals.Agreement.Mediators);
        Assert.Equal((true, null, null), (signals.IsWhole, signals.Mode, signals.Agreement.MeanShare));
    }

    [Fact]
    public void Compute_TwoWhoTalk_HasRatesBalanceAndReplies()
    {
        var ledger = new MadeUpLedger();
        ledger.Send("us", 0, Iran);
        ledger.Send("us", 100, Iran);
        ledger.Send("iran", 160, Us);
        ledger.Send("us", 200, ["iran", "oslo"], lane: Lane.Urgent);
        ledger.Send("iran", 220, Us);
        ledger.Send("us", 300, Iran);
        var signals = ledger.Compute(1_000, 2_000);

        var us = Assert.Single(signals.Senders, sender => sender.Name == "us");
        Assert.Equal((4, 1, 4 / 2_000.0), (us.Envelopes, us.Urgent, us.Rate));
        Assert.Equal(MadeUpLedger.Start.AddSeconds(300), us.LastAt);
        Assert.Equal(-1, us.Burstiness);
        Assert.Equal(0, us.Volatility);
        Assert.Null(us.SilenceSuspicion);

        Assert.Equal(["iran us", "us iran", "us oslo"], signals.Directions.Select(way => $"{way.From} {way.To}"));
        var (back, there, aside) = (signals.Directions[0], signals.Directions[1], signals.Directions[2]);
        Assert.Equal((4, 2, 1), (there.Envelopes, back.Envelopes, aside.Envelopes));
        Assert.Equal((1 / 3.0, -1 / 3.0, 1.0), (there.Balance!.Value, back.Balance!.Value, aside.Balance!.Value));
        // Iran's first reply is to what had waited since 0, its second to what came at 200.
        Assert.Equal((2, 90.0), (there.ReplyLatency!.Count, there.ReplyLatency.Median));
        Assert.Equal(160 - (0.1 * 140), there.ReplyLatency.P90, 9);
        Assert.Equal(MadeUpLedger.Start.AddSeconds(300), there.WaitingSince);
        Assert.Equal((2, 60.0), (back.ReplyLatency!.Count, back.ReplyLatency.Median));
        Assert.Null(back.WaitingSince);
        Assert.Null(aside.ReplyLatency);
    }

    [Fact]
    public void Compute_Window_CountsWhatIsInIt()
    {
        var ledger = new MadeUpLedger();
        ledger.Send("us", 0, Iran);
        ledger.Send("us", 100, Iran, delay: 5);
        ledger.Send("us", 150, Iran, delay: 7);
        ledger.Send("us", 500, Iran);
        var signals = ledger.Compute(200, 110);
        Assert.Equal(2, signals.Senders[0].Envelopes);
        Assert.Equal(2 / 110.0, signals.Senders[0].Rate);
        Assert.Equal(6.0, signals.Senders[0].Delay!.Median);
        Assert.Equal(MadeUpLedger.Start.AddSeconds(150), signals.Senders[0].LastAt);
    }

    [Fact]
    public void Compute_LedgerReadFromLaterOn_SaysSinceWhen()
    {
        var ledger = new MadeUpLedger(256);
        ledger.Send("us", 100, Iran);
        ledger.Send("us", 200, Iran);
        var signals = ledger.Compute(300, 1_000);
        Assert.False(signals.IsWhole);
        Assert.Equal(MadeUpLedger.Start.AddSeconds(100), signals.Since);
        Assert.Equal(1 / 200.0, signals.Senders[0].Rate);
        Assert.True(ledger.Compute(300, 150).IsWhole);
    }

    [Fact]
    public async Task Compute_Answers_AreCountedByReasonWithWhatIsOpen()
    {
        var ledger = new MadeUpLedger();
        var heads = Enumerable.Range(0, 4).Select(i => ledger.Send("us", 10 * i, Iran)).ToList();
        await ledger.AnswerAsync(heads[0], "iran", 40);
        await ledger.AnswerAsync(heads[1], "iran", 50, "expired");
        await ledger.AnswerAsync(heads[3], "iran", 60, "not-opened");
        var answers = Assert.Single(ledger.Compute(100).Answers);
        Assert.Equal(("iran", 1, 1), (answers.Name, answers.Opened, answers.Unanswered));
        Assert.Equal([new RefusalCount("expired", 1), new RefusalCount("not-opened", 1)], answers.Refused);
        Assert.Equal(MadeUpLedger.Start.AddSeconds(20), answers.UnansweredSince);
        Assert.Equal((3, 40.0), (answers.Latency!.Count, answers.Latency.Median));
    }

    [Fact]
    public void Compute_Agreement_IsShareOfWeightAndItsSpread()
    {
        var ledger = new MadeUpLedger();
        ledger.Send("us", 0, Iran, ["oman", "qatar"]);
        ledger.Send("us", 10, Iran, ["oman", "qatar", "swiss"]);
        var agreement = ledger.Compute(20).Agreement;
        Assert.Equal((0.875, 0.75, 0.125), (agreement.MeanShare!.Value, agreement.LeastShare!.Value, agreement.ShareDeviation!.Value));
        Assert.Equal(
            [new("oman", 0.25, 2, 1, 0.25), new("qatar", 0.5, 2, 1, 0.5), new MediatorSignals("swiss", 0.25, 1, 0.5, 0.25)],
            agreement.Mediators);
    }

    // Halved at once; after a half-life 2^-1/2, after two contradictions a quarter.
    [Fact]
    public void Compute_Equivocation_LowersWhoSignedBothAndIsForgottenByHalves()
    {
        var ledger = new MadeUpLedger();
        var head = ledger.Send("us", 0, Iran, ["oman", "qatar"]);
        ledger.Equivocate(head, 10, ["oman", "qatar"], ["qatar", "swiss"]);
        double Qatar(double at) => ledger.Compute(at).Agreement.Mediators.Single(mediator => mediator.Name == "qatar").Credibility;

        Assert.Equal(0.5, Qatar(9));
        Assert.Equal(0.25, Qatar(10));
        Assert.Equal(0.5 * Math.Pow(2, -0.5), Qatar(10 + (7 * 86_400)), 12);
        Assert.InRange(Qatar(10 + (70 * 86_400)), 0.499, 0.5);
        Assert.Equal(0.25, ledger.Compute(10).Agreement.Mediators.Single(mediator => mediator.Name == "swiss").Credibility);
        Assert.Equal(new EvidenceSignals(1, 0, 0), ledger.Compute(10).Evidence);
        ledger.Equivocate(head, 10, ["oman", "qatar"], ["qatar"]);
        Assert.Equal(0.125, Qatar(10));
    }

    [Fact]
    public void Compute_Mode_IsTheNewestInTime()
    {
        var ledger = new MadeUpLedger();
        ledger.Add(new ModeEntry { Mode = NegotiationMode.ReadOnly, At = MadeUpLedger.Start.AddSeconds(10) });
        ledger.Add(new ModeEntry { Mode = NegotiationMode.Open, At = MadeUpLedger.Start.AddSeconds(20) });
        Assert.Equal(NegotiationMode.ReadOnly, ledger.Compute(15).Mode);
        Assert.Equal(NegotiationMode.Open, ledger.Compute(20).Mode);
    }

    [Fact]
    public void Compute_PaceThatSlowsDown_AlarmsSplitsAndGrowsSuspicion()
    {
        var ledger = new MadeUpLedger();
        var samples = new Samples(21);
        var (at, changed) = (0.0, 0.0);
        for (var i = 0; i < 160; i++)
        {
            if (i == 120) changed = at;
            at += samples.LogNormal(1, i < 120 ? Math.Log(10) : Math.Log(300), 0.7)[0];
            ledger.Send("us", at, Iran);
        }
        var signals = ledger.Compute(at, 86_400);
        var alarm = Assert.Single(signals.Alarms);
        Assert.Equal(("us", PaceChange.Slower), (alarm.Sender, alarm.Pace));
        Assert.InRange((alarm.Began - MadeUpLedger.Start).TotalSeconds, changed - 100, changed + 100);
        Assert.True(alarm.At > alarm.Began);
        var us = Assert.Single(signals.Senders);
        Assert.Equal(2, us.Segments.Length);
        Assert.InRange(us.Segments[0].TypicalGap, 8, 12);
        Assert.InRange(us.Segments[1].TypicalGap, 220, 400);
        Assert.InRange(us.SilenceSuspicion!.Value, 0, 0.01);
        Assert.InRange(ledger.Compute(at + 80_000, 86_400).Senders[0].SilenceSuspicion!.Value, 2, 10);
        Assert.Empty(ledger.Compute(at + 90_000, 60).Alarms);
    }

    [Fact]
    public void TryAdd_EntryOfAnUnknownDocument_IsRefusedWithItsDigest()
    {
        var observations = new Observations.LedgerObservations(0, _ => null);
        var head = new MadeUpLedger().Send("us", 0, Iran);
        var entry = Testing.Ledger.MadeUp.Entry(head, MadeUpLedger.Document.PolicyDigest, MadeUpLedger.Start, "oman");
        Assert.False(observations.TryAdd(entry.ToBytes(), out var error));
        Assert.Contains(MadeUpLedger.Document.PolicyDigest.ToString(), error, StringComparison.Ordinal);
        Assert.False(observations.TryAdd("relay/nonsense/v1\n"u8, out error));
        Assert.NotEmpty(error);
        Assert.Equal(0, observations.Next);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(4_096, 0, 16)]
    [InlineData(4_351, 0, 17)]
    [InlineData(4_352, 256, 16)]
    [InlineData(4_353, 256, 17)]
    public void Bundles_OfATree_AreTheNewest(long size, long from, int bundles)
    {
        Assert.Equal(from, SignalRange.From(size));
        Assert.Equal(bundles, SignalRange.Bundles(size).Length);
        Assert.Equal(size - from, SignalRange.Bundles(size).Sum(bundle => (long)bundle.Width));
    }

    [Theory]
    [InlineData("60", true)]
    [InlineData("2592000", true)]
    [InlineData("59", false)]
    [InlineData("2592001", false)]
    [InlineData("-60", false)]
    [InlineData("1e3", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void TryParseLength_Text_IsTakenWithinTheBounds(string? text, bool expected) =>
        Assert.Equal(expected, SignalWindow.TryParseLength(text, out _));

    [Theory]
    [InlineData("1780000000000", true)]
    [InlineData("253402300799999", true)]
    [InlineData("253402300800000", false)]
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData(" 1780000000000", false)]
    public void TryParseEnd_Text_IsTakenWithinTheBounds(string? text, bool expected) =>
        Assert.Equal(expected, SignalWindow.TryParseEnd(text, out _));
}
