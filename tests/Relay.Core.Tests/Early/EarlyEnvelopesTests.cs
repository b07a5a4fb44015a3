using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Early;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Core.Tests.Early;

/// <summary>What is early is relayed when its turn comes, once, and is given up rather than grow.</summary>
public sealed class EarlyEnvelopesTests : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider _time = new();
    private readonly StepScheduler _scheduler = new();
    private readonly List<long> _relayed = [];
    private readonly EarlyEnvelopes _early;
    private Func<EarlyEnvelope, Ruling> _relay;

    public EarlyEnvelopesTests()
    {
        _relay = Forward;
        _early = new EarlyEnvelopes(
            (envelope, _, _) =>
            {
                _relayed.Add(envelope.Id.Sequence);
                return new(_relay(envelope));
            },
            _time,
            _scheduler,
            NullLogger<EarlyEnvelopes>.Instance);
    }

    public ValueTask DisposeAsync()
    {
        _scheduler.Run();
        return _early.DisposeAsync();
    }

    [Fact]
    public void Keep_WhatIsNotEarly_IsLeftAsItIs()
    {
        var held = Far(3) with { Verdict = Verdict.Held };
        Assert.Same(held, _early.Keep(held, new byte[1], null));
        var unavailable = Far(3) with { Verdict = Verdict.LedgerUnavailable };
        Assert.Same(unavailable, _early.Keep(unavailable, new byte[1], null));
        Assert.Equal(0, _early.Count);
    }

    [Fact]
    public void Keep_WhatIsEarly_HasItsCopyComeLaterTheLongerItIsKept()
    {
        var first = Keep(300);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)), (first.RetryFrom, first.RetryWithin));
        _time.Advance(TimeSpan.FromSeconds(50));
        var again = Keep(300);
        Assert.Equal((TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(100)), (again.RetryFrom, again.RetryWithin));
        _time.Advance(TimeSpan.FromHours(0.5));
        Assert.Equal(TimeSpan.FromMinutes(5), Keep(300).RetryWithin);
        Assert.Equal(1, _early.Count);
    }

    [Fact]
    public void Logged_TheOneBefore_RelaysAllInARowAndNothingBeyondTheGap()
    {
        foreach (var sequence in Enumerable.Range(200, 40).Where(static sequence => sequence != 230).Reverse()) Keep(sequence);
        _early.Logged(Id(198));
        _scheduler.Run();
        Assert.Empty(_relayed);

        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Equal(Enumerable.Range(200, 30).Select(static sequence => (long)sequence), _relayed);
        Assert.Equal(9, _early.Count);
    }

    [Fact]
    public void Logged_BeyondWhatIsKept_DropsIt()
    {
        Keep(200);
        _early.Logged(Id(200));
        _scheduler.Run();
        Assert.Equal((0, 0), (_early.Count, _relayed.Count));
    }

    [Fact]
    public void Logged_AFewInARow_TakesWhatFollowsTheGapAlong()
    {
        // Another worker has the rest: held in the ledger, these go on with its commits, instead of one by one.
        long[] mine = [200, 202, 204, 206];
        foreach (var sequence in mine) Keep(sequence);
        _relay = envelope => envelope.Id.Sequence == 200 ? Forward(envelope) : Far(envelope.Id.Sequence) with { Verdict = Verdict.Held };
        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Equal(mine, _relayed);
        Assert.Equal(0, _early.Count);
    }

    [Fact]
    public void Watch_NobodyTells_LooksByItselfLaterEachTime()
    {
        Keep(200);
        _relay = static _ => Far(200);
        _scheduler.Run();
        foreach (var (wait, looks) in new[] { (1, 1), (1, 2), (1, 2), (1, 3), (3, 3), (1, 4) })
        {
            Step(wait);
            Assert.Equal(looks, _relayed.Count);
        }

        // Another worker has brought the stream on, which the ruling tells.
        _relay = static _ => Far(200, next: 199);
        Step(8);
        _relay = Forward;
        Step(1);
        Assert.Equal(0, _early.Count);
    }

    [Fact]
    public void Moved_OthersBringTheStreamOn_WhatIsNearIsRelayedAtOnceAndWhatIsFarIsNot()
    {
        long[] mine = [200, 203, 330];
        foreach (var sequence in mine) _early.Keep(Far(sequence) with { Reach = 100 }, new byte[1], null);
        _relay = static envelope => Far(envelope.Id.Sequence, next: 199) with { Verdict = Verdict.Held };
        _early.Moved("geneva", Standing(198));
        _early.Moved("doha", Standing(1));
        _scheduler.Run();
        Assert.Empty(_relayed);

        _early.Moved("doha", Standing(198));
        _scheduler.Run();
        Assert.Equal([200L, 203L], _relayed);
        Assert.Equal(1, _early.Count);

        _relay = Forward;
        _early.Moved("doha", Standing(329));
        _scheduler.Run();
        Assert.Equal(0, _early.Count);
        _early.Moved("doha", Standing(331));
    }

    [Fact]
    public void Moved_OthersAreAtWork_LooksSoonAndOncePerNegotiation()
    {
        foreach (var sender in new[] { "us", "iran" }) Keep(400, sender: sender);
        _relay = static envelope => Far(400, next: 100, sender: envelope.Id.Sender);
        _scheduler.Run();
        _early.Moved("doha", Standing(99));
        Step(1);
        var looks = _relayed.Count;
        for (var i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(8));
            _scheduler.Run();
        }

        // In 240 ms five looks, each later than the one before, for both streams together.
        Assert.InRange(_relayed.Count - looks, 3, 6);
        // When nobody has committed for a while it is as before.
        for (var i = 0; i < 40; i++) Step(1);
        looks = _relayed.Count;
        Step(4);
        Assert.InRange(_relayed.Count - looks, 0, 4);
    }

    [Fact]
    public void Watch_WhatFailsForNow_IsTriedAgainAtTheNextLookAndNotBefore()
    {
        Keep(200);
        _relay = static envelope => Far(envelope.Id.Sequence) with { Verdict = Verdict.LedgerUnavailable, Next = null };
        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Single(_relayed);
        _relay = Forward;
        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Single(_relayed);
        Step(1);
        Assert.Equal((2, 0), (_relayed.Count, _early.Count));
    }

    [Theory]
    [InlineData(Verdict.Equivocation)]
    [InlineData(Verdict.Expired)]
    [InlineData(Verdict.TopicRefused)]
    public void Relay_WhatIsRefused_IsKeptNoLonger(Verdict verdict)
    {
        Keep(200);
        _relay = _ => new Ruling(verdict, "any", "any");
        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Equal((1, 0), (_relayed.Count, _early.Count));
    }

    [Fact]
    public void Relay_AFault_LosesThatOneAndGoesOn()
    {
        for (var sequence = 200; sequence < 220; sequence++) Keep(sequence);
        _relay = envelope => envelope.Id.Sequence == 205 ? throw new InvalidOperationException("planted") : Forward(envelope);
        _early.Logged(Id(199));
        _scheduler.Run();
        Assert.Equal((20, 0), (_relayed.Count, _early.Count));
    }

    [Fact]
    public void Keep_MoreThanAStreamMay_GivesUpTheFarthest()
    {
        const int big = (int)(EarlyEnvelopes.MaxBytesOfStream / 4);
        foreach (var sequence in new[] { 700, 500, 600, 800 }) Assert.True(Keep(sequence, big).RetryFrom > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, Keep(900, big).RetryFrom);
        Assert.True(Keep(400, big).RetryFrom > TimeSpan.Zero);
        Assert.Equal(4, _early.Count);
        _early.Logged(Id(799));
        _scheduler.Run();
        Assert.Empty(_relayed);
    }

    [Fact]
    public void Keep_MoreThanAllMay_LeavesTheirCopiesToCome()
    {
        const int big = (int)(EarlyEnvelopes.MaxBytesOfStream);
        foreach (var sender in new[] { "a", "b", "c", "d" }) Assert.True(Keep(300, big, sender).RetryFrom > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, Keep(300, 1, "e").RetryFrom);
        _early.Logged(Id(300, "b"));
        Assert.True(Keep(300, 1, "e").RetryFrom > TimeSpan.Zero);
    }

    [Fact]
    public void Watch_WhatHasExpired_IsDropped()
    {
        Keep(200);
        _relay = static _ => Far(200);
        _scheduler.Run();
        for (var i = 0; i < 300 && _early.Count > 0; i++) Step(4);
        Assert.Equal(0, _early.Count);
        Assert.True(_relayed.Count < 30, $"{_relayed.Count} looks in five minutes");
    }

    [Fact]
    public async Task Dispose_WhileSomeAreKept_EndsAndKeepsNothingMore()
    {
        Keep(200);
        _scheduler.Run();
        await TestDeadline.Within(_early.DisposeAsync().AsTask());
        var late = Far(201);
        Assert.Same(late, _early.Keep(late, new byte[1], null));
    }

    private static EnvelopeId Id(long sequence, string sender = "us") => new("doha", sender, Lane.Normal, sequence);

    private static Ruling Forward(EarlyEnvelope envelope) => new(Verdict.Forwarded, ReasonCodes.Forwarded, "") { Id = envelope.Id };

    private static Ruling Far(long sequence, long next = 1, string sender = "us") => new(Verdict.HoldFull, ReasonCodes.HoldFull, "")
    {
        Id = Id(sequence, sender),
        Next = next,
        ExpiresAt = new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero),
    };

    private Ruling Keep(long sequence, int bytes = 1, string sender = "us") =>
        _early.Keep(Far(sequence, sender: sender), new byte[bytes], null);

    private static LedgerState Standing(long last) => LedgerState.Empty with
    {
        Streams = [.. new[] { "us", "iran" }.Select(sender => new StreamState(sender, Lane.Normal, last, default, default, []))],
    };

    private void Step(int looks)
    {
        for (var i = 0; i < looks; i++)
        {
            _time.Advance(Look);
            _scheduler.Run();
        }
    }
}
