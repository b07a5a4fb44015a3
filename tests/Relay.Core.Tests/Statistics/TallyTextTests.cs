using System.Text;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Statistics;

public sealed class TallyTextTests
{
    [Fact]
    public void Write_AWindow_IsReadAsItWas()
    {
        var window = new TallyWindow();
        var doha = window.Of("doha-2026");
        foreach (var (verdict, i) in Enum.GetValues<Verdict>().Select((verdict, i) => (verdict, i)))
        {
            doha.AddRuled(verdict, i);
            doha.AddRefused(verdict, 2 * i);
        }

        doha.AddReleased(7);
        doha.AddEmbargoed(29_500_000, 2);
        doha.AddEmbargoed(29_400_000);
        doha.LatencyToAdd(Lane.Urgent).Add(0, 3);
        doha.LatencyToAdd(Lane.Urgent).Add(LatencyTally.Buckets - 1, 4);
        doha.SizesToAdd().Add(0, 5);
        doha.SizesToAdd().Add(SizeTally.Classes - 1, 6);
        window.Of(TallyWindow.Other).AddRuled(Verdict.Malformed);
        window.Of("doha").AddRuled(Verdict.Held);

        var text = TallyText.Write(window);
        var read = new TallyWindow();
        Assert.True(TallyText.TryAdd(text, read));
        Assert.Equal(text, TallyText.Write(read));
        Assert.Equal(["-", "doha", "doha-2026"], read.Negotiations.Keys.Order(StringComparer.Ordinal));

        var one = new TallyWindow();
        Assert.True(TryAddOne(text, "doha", one));
        Assert.Equal((1, 1), (one.Negotiations.Count, one.Of("doha").Ruled(Verdict.Held)));
        Assert.True(TryAddOne(text, "geneva", one));
        Assert.Single(one.Negotiations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("relay tallies 2\n")]
    [InlineData("relay tallies 1\nDoha q.held=1\n")]
    [InlineData("relay tallies 1\ndoha q.held\n")]
    [InlineData("relay tallies 1\ndoha q.held=-1\n")]
    [InlineData("relay tallies 1\ndoha q.opened=1\n")]
    [InlineData("relay tallies 1\ndoha n.68=1\n")]
    [InlineData("relay tallies 1\ndoha s.11=1\n")]
    [InlineData("relay tallies 1\ndoha s.-1=1\n")]
    [InlineData("relay tallies 1\ndoha x.1=1\n")]
    [InlineData("relay tallies 1\ndoha e.-1=1\n")]
    [InlineData("relay tallies 1\ndoha e.9999999999999=1\n")]
    [InlineData("relay tallies 1\ndoha  q.held=1\n")]
    public void TryAdd_WhatIsNoWindow_IsRefused(string text) =>
        Assert.False(TallyText.TryAdd(Encoding.UTF8.GetBytes(text), new TallyWindow()));

    [Fact]
    public void TryAdd_OfOneAmongMany_FindsEachAndNoOther()
    {
        var window = new TallyWindow();
        window.Of(TallyWindow.Other).AddReleased(1);
        for (var i = 0; i < 1_000; i++) window.Of($"n{i}").AddReleased(i + 1);
        var text = TallyText.Write(window);
        foreach (var (name, tally) in window.Negotiations)
        {
            var one = new TallyWindow();
            Assert.True(TryAddOne(text, name, one));
            Assert.Equal((1, tally.Released), (one.Negotiations.Count, one.Of(name).Released));
        }

        foreach (var name in new[] { "a", "n", "n00", "n1000", "n99a", "z" })
        {
            var none = new TallyWindow();
            Assert.True(TryAddOne(text, name, none));
            Assert.Empty(none.Negotiations);
        }
    }

    [Fact]
    public void Embargoes_PastTheMostMinutes_CountWithTheLast()
    {
        var tally = new EnvelopeTally();
        for (var i = 0; i < EnvelopeTally.MaxEmbargoes + 5; i++) tally.AddEmbargoed(i);
        Assert.Equal((EnvelopeTally.MaxEmbargoes, 6), (tally.Embargoes.Count, tally.Embargoes.Values.Last()));
    }

    [Fact]
    public void Of_PastTheMostNegotiations_IsCountedTogether()
    {
        var window = new TallyWindow();
        for (var i = 0; i < TallyWindow.MaxNegotiations + 5; i++) window.Of($"n{i}").AddReleased();
        Assert.Equal(TallyWindow.MaxNegotiations + 1, window.Negotiations.Count);
        Assert.Equal(5, window.Of(TallyWindow.Other).Released);
    }

    [Fact]
    public void Quantile_IsAtMostAFifthTooHighAndNeverTooLow()
    {
        for (var ms = 1.0; ms < 90_000; ms *= 1.003)
        {
            var tally = new LatencyTally();
            tally.Add(LatencyTally.BucketOf(TimeSpan.FromMilliseconds(ms)));
            Assert.InRange(tally.Quantile(0.5)!.Value, ms / 1000 - 1e-6, ms / 1000 * 1.19);
        }

        var many = new LatencyTally();
        many.Add(0, 99);
        many.Add(40, 1);
        Assert.Equal((LatencyTally.UpTo(0), LatencyTally.UpTo(40)), (many.Quantile(0.99), many.Quantile(0.995)));
        Assert.Null(new LatencyTally().Quantile(0.5));
    }

    [Theory]
    [InlineData(0, 0, 512)]
    [InlineData(512, 0, 512)]
    [InlineData(513, 1, 1024)]
    [InlineData(1024, 1, 1024)]
    [InlineData(1025, 2, 2048)]
    [InlineData(131_073, 9, 262_144)]
    [InlineData(262_144, 9, 262_144)]
    [InlineData(262_145, 10, null)]
    [InlineData(int.MaxValue, 10, null)]
    public void ClassOf_ASize_IsTheLeastPowerOfTwoThatHoldsIt(int bytes, int size, int? upTo) =>
        Assert.Equal((size, upTo), (SizeTally.ClassOf(bytes), SizeTally.UpTo(SizeTally.ClassOf(bytes))));

    [Fact]
    public void TryAdd_WrittenBeforeSizesWereCounted_IsReadWithNone()
    {
        var window = new TallyWindow();
        Assert.True(TallyText.TryAdd("relay tallies 1\ndoha q.forwarded=3 released=1 n.4=3\n"u8, window));
        var doha = window.Of("doha");
        Assert.Equal((3, 1, null), (doha.Ruled(Verdict.Forwarded), doha.Released, doha.Sizes));
    }

    // At once or later; nothing else, though it says a length.
    [Fact]
    public void Sizes_OfRulings_AreOfWhatWasForwarded()
    {
        var tallies = new WorkerTallies(TimeProvider.System);
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            tallies.Ruled(TallyWorker.RulingOf("doha", verdict) with { ContentLength = 600 }, Lane.Normal, TimeSpan.Zero);
            tallies.Refused(TallyWorker.RulingOf("doha", verdict) with { ContentLength = 600 });
        }

        tallies.Released(new EnvelopeId("doha", "us", Lane.Urgent, 2), 70_000);
        var sum = new EnvelopeTally();
        foreach (var minute in tallies.Minutes) minute.AddTo(sum, "doha");
        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0], Enumerable.Range(0, SizeTally.Classes).Select(size => sum.Sizes![size]));
    }

    [Fact]
    public void ClassOf_SizesOfOneClassOfPadme_IsOne()
    {
        var classes = Enumerable.Range(513, 300_000).GroupBy(Padme, SizeTally.ClassOf);
        Assert.All(classes, group => Assert.Single(group.Distinct()));

        // L to the E - S bits below, E = floor(log2 L), S = floor(log2 E) + 1.
        static int Padme(int length)
        {
            var exponent = System.Numerics.BitOperations.Log2((uint)length);
            var last = exponent - System.Numerics.BitOperations.Log2((uint)exponent) - 1;
            var mask = (1 << last) - 1;
            return (length + mask) & ~mask;
        }
    }

    private static bool TryAddOne(byte[] text, string negotiation, TallyWindow window) =>
        TallyText.TryAdd([.. "relay tallies 1\n"u8, .. TallyText.LineOf(text, negotiation)], window);
}
