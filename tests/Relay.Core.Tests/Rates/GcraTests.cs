using Relay.Core.Rates;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Tests.Rates;

/// <summary>Held against a bucket of tokens in whole numbers, and against what a limit promises.</summary>
public sealed class GcraTests
{
    private const long Start = 1_790_000_000_000_000;

    public static TheoryData<int, int, int> Limits => new()
    {
        { 1, 1, 1 }, { 1, 10, 2 }, { 3, 1, 3 }, { 3, 7, 4 }, { 20, 100, 5 }, { 1_000, 1, 6 }, { 1_000, 50, 7 }, { 999_999, 3, 8 },
        { 1_000_000, 1_000_000, 9 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Admission_OfRandomArrivals_IsThatOfATokenBucket(int perSecond, int burst, int seed)
    {
        var random = new Random(seed);
        var gcra = Gcra.Of(new RateLimit(perSecond, burst));
        // Tokens in microseconds of filling: a token is an interval's worth, and the bucket holds a burst of them.
        var (tokens, filledAt) = (burst * gcra.Interval, Start);
        var (due, at) = (0L, Start);
        for (var i = 0; i < 5_000; i++)
        {
            at += random.Next(4) switch
            {
                0 => 0,
                1 => random.NextInt64(gcra.Interval + 1),
                2 => random.NextInt64(3 * gcra.Interval),
                _ => random.Next(50) == 0 ? random.NextInt64(2 * burst * gcra.Interval) : gcra.Interval,
            };
            tokens = Math.Min(burst * gcra.Interval, tokens + at - filledAt);
            filledAt = at;
            Assert.Equal(tokens / gcra.Interval, gcra.Remaining(due, at));

            var isAdmitted = gcra.AdmitsFrom(due, at, 0) <= at;
            Assert.Equal(tokens >= gcra.Interval, isAdmitted);
            if (!isAdmitted) continue;
            tokens -= gcra.Interval;
            due = gcra.After(due, at);
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void AdmitsFrom_OfWhatIsRefused_IsTheFirstMomentAtWhichItIsAdmitted(int perSecond, int burst, int seed)
    {
        var random = new Random(seed);
        var gcra = Gcra.Of(new RateLimit(perSecond, burst));
        var due = 0L;
        for (var i = 0; i < burst; i++) due = gcra.After(due, Start);
        Assert.Equal(0, gcra.Remaining(due, Start));
        for (var ahead = 0L; ahead < 50; ahead++)
        {
            var from = gcra.AdmitsFrom(due, Start, ahead);
            // Those before it come each at its own moment.
            var then = due;
            for (var i = 0L; i < ahead; i++) then = gcra.After(then, gcra.AdmitsFrom(then, Start, 0));
            Assert.Equal(from, gcra.AdmitsFrom(then, from, 0));
            Assert.True(gcra.AdmitsFrom(then, from - 1, 0) > from - 1);
            Assert.True(gcra.AdmitsFrom(then, from + random.Next(1_000), 0) <= from + 1_000);
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void Admission_InAnyTimeSpan_IsAtMostTheBurstAndTheRate(int perSecond, int burst, int seed)
    {
        var random = new Random(seed);
        var gcra = Gcra.Of(new RateLimit(perSecond, burst));
        var admitted = new List<long>();
        var (due, at) = (0L, Start);
        for (var i = 0; i < 3_000; i++)
        {
            at += random.NextInt64(gcra.Interval);
            if (gcra.AdmitsFrom(due, at, 0) > at) continue;
            due = gcra.After(due, at);
            admitted.Add(at);
        }

        for (var i = 0; i < 500; i++)
        {
            var from = random.Next(admitted.Count);
            var to = random.Next(from, admitted.Count);
            Assert.True(to - from + 1 <= burst + (admitted[to] - admitted[from]) / 1e6 * perSecond + 1e-6);
        }
    }

    [Fact]
    public void AdmitsFrom_OfTheFarthestSequence_DoesNotOverflow()
    {
        var gcra = Gcra.Of(new RateLimit(1, 1_000_000));
        Assert.True(gcra.AdmitsFrom(Start, Start, (1L << 53) - 1) > Start);
        Assert.True(Gcra.Moment(gcra.AdmitsFrom(Start, Start, (1L << 53) - 1)) > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void Moment_OfMicroseconds_IsNeverEarlier()
    {
        for (var i = 0L; i < 3_000; i++)
        {
            var moment = Gcra.Moment(Start + i);
            Assert.InRange(Gcra.Microseconds(moment) - (Start + i), 0, 999);
            Assert.Equal(0, Gcra.Microseconds(moment) % 1_000);
        }
    }
}
