using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Peers;
using Relay.Testing;

namespace Emulator.Amqp.Tests.State;

public sealed class ConnectionTimersTests
{
    private readonly TestBroker _broker = new();
    private readonly ManualTimeProvider _time = new();

    private AmqpConnectionOptions Options =>
        new() { TimeProvider = _time, IdleTimeout = TimeSpan.FromSeconds(60), HeartbeatInterval = TimeSpan.FromSeconds(15) };

    [Fact]
    public void Tick_HandshakeNotFinishedInTime_Aborts()
    {
        var peer = new ScriptedPeer(_broker.Handler(), Options);
        var aborted = false;
        peer.Connection.AbortTransport = () => aborted = true;
        peer.Feed("AMQP"u8);
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(TimeSpan.FromSeconds(1), peer.Connection.Timers.Tick());
        Assert.False(aborted);
        _time.Advance(TimeSpan.FromSeconds(1));
        peer.Connection.Timers.Tick();
        Assert.True(aborted);
        Assert.True(peer.Connection.IsFinished);
    }

    [Fact]
    public void Tick_NothingSentForTheInterval_WritesOneHeartbeat()
    {
        var peer = new ScriptedPeer(_broker.Handler(), Options).Begun();
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(TimeSpan.FromSeconds(1), peer.Connection.Timers.Tick());
        Assert.Null(peer.Read());
        _time.Advance(TimeSpan.FromSeconds(1));
        peer.Connection.Timers.Tick();
        Assert.Equal("heartbeat", peer.Read());
    }

    [Fact]
    public void Tick_PeerWithAShortIdleTimeout_GetsHeartbeatsAtHalfOfIt()
    {
        var peer = new ScriptedPeer(_broker.Handler(), Options);
        peer.Feed("AMQP\x00\x01\x00\x00"u8);
        peer.Send(0, writer => new Open { ContainerId = "c", IdleTimeoutMs = 8000 }.Write(writer));
        peer.Read();
        _time.Advance(TimeSpan.FromSeconds(4));
        peer.Connection.Timers.Tick();
        Assert.Equal("heartbeat", peer.Read());
    }

    [Fact]
    public void Tick_PeerSilentForTwiceTheTimeout_ClosesAndThenAborts()
    {
        var peer = new ScriptedPeer(_broker.Handler(), Options).Begun();
        var aborted = false;
        peer.Connection.AbortTransport = () => aborted = true;
        _time.Advance(TimeSpan.FromSeconds(60));
        peer.Feed([0, 0, 0, 8, 2, 0, 0, 0]);
        _time.Advance(TimeSpan.FromSeconds(119));
        peer.Connection.Timers.Tick();
        Assert.True(peer.Connection.IsOpen);
        _time.Advance(TimeSpan.FromSeconds(1));
        peer.Connection.Timers.Tick();
        Assert.Equal(AmqpCondition.ConnectionForced, Assert.Single(peer.Take<Close>()).Error!.Condition);
        Assert.False(aborted);
        _time.Advance(TimeSpan.FromSeconds(5));
        peer.Connection.Timers.Tick();
        Assert.True(aborted);
    }

    [Fact]
    public void Tick_WriteNotTakenInTime_Aborts()
    {
        var peer = new ScriptedPeer(_broker.Handler(), Options).Begun();
        var aborted = false;
        peer.Connection.AbortTransport = () => aborted = true;
        peer.Connection.Timers.WriteStarts();
        _time.Advance(TimeSpan.FromSeconds(59));
        peer.Connection.Timers.Tick();
        Assert.False(aborted);
        _time.Advance(TimeSpan.FromSeconds(1));
        peer.Connection.Timers.Tick();
        Assert.True(aborted);
    }
}
