using Relay.Functions.Settlement;
using Relay.Testing;

namespace Relay.Functions.Tests.Settlement;

/// <summary>How long a lock lasts by a clock that is wrong, or is set meanwhile.</summary>
public sealed class MessageLockTests
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    [InlineData(-600)]
    public void Left_ByAClockThatIsOffTheServices_IsTheLocksOwn(int seconds)
    {
        var clock = new SetClock(_time) { Offset = TimeSpan.FromSeconds(seconds) };
        var held = new MessageLock(FunctionsFixture.Message(1, [1], _time.GetUtcNow() + Lasts), clock, clock.Offset);
        Assert.Equal(Lasts - MessageLock.Margin, held.Left);
        clock.Offset = TimeSpan.FromHours(1);
        _time.Advance(TimeSpan.FromSeconds(54));
        Assert.True(held.IsHeld);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(held.IsHeld);
    }

    /// <summary>As after a stack's clocks were an hour on: until that reading is too old, no lock would be believed.</summary>
    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public void Left_AfterTheServicesClockWasSet_IsByOurs(int minutes)
    {
        var held = new MessageLock(FunctionsFixture.Message(1, [1], _time.GetUtcNow() + Lasts), _time, TimeSpan.FromMinutes(minutes));
        Assert.Equal(Lasts - MessageLock.Margin, held.Left);
    }

    [Fact]
    public void Left_OfALockThatHasRunOutByTheServices_IsNoneThoughOurClockIsBehind()
    {
        var clock = new SetClock(_time) { Offset = TimeSpan.FromMinutes(-2) };
        var held = new MessageLock(FunctionsFixture.Message(1, [1], _time.GetUtcNow() - TimeSpan.FromSeconds(1)), clock, clock.Offset);
        Assert.False(held.IsHeld);
    }

    [Fact]
    public void Left_WhereNobodyKnowsBetter_IsByTheClock()
    {
        var clock = new SetClock(_time) { Offset = TimeSpan.FromMinutes(10) };
        Assert.False(new MessageLock(FunctionsFixture.Message(1, [1], _time.GetUtcNow() + Lasts), clock, null).IsHeld);
    }
}
