using System.Globalization;
using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>What a connection does because time passed: handshake and close deadlines, heartbeats, silence, stuck writes.</summary>
internal sealed class ConnectionTimers(AmqpConnection connection)
{
    // A timer never fires sooner than this after the last time.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    // The loops store these, the timer reads them; a stale value costs one early look.
    private readonly long _created = connection.Options.TimeProvider.GetTimestamp();
    private long _received = connection.Options.TimeProvider.GetTimestamp();
    private long _sent = connection.Options.TimeProvider.GetTimestamp();
    private long _writing;
    private long _closeSent;

    /// <summary>Has <see cref="Tick"/> called after a time; null while there is no transport.</summary>
    public Action<TimeSpan>? Rearm { get; set; }

    private TimeProvider Time => connection.Options.TimeProvider;

    public void Received() => Volatile.Write(ref _received, Time.GetTimestamp());

    public void WriteStarts() => Volatile.Write(ref _writing, Time.GetTimestamp());

    public void WriteEnds()
    {
        Volatile.Write(ref _writing, 0);
        Volatile.Write(ref _sent, Time.GetTimestamp());
    }

    public void CloseSent()
    {
        Volatile.Write(ref _closeSent, Time.GetTimestamp());
        Rearm?.Invoke(connection.Options.CloseTimeout);
    }

    /// <summary>Acts on what is due.</summary>
    /// <returns>Until the next look.</returns>
    public TimeSpan Tick()
    {
        var options = connection.Options;
        var next = options.WriteTimeout;
        if (IsDue(Volatile.Read(ref _writing), options.WriteTimeout, ref next))
        {
            connection.Abort(
                new AmqpError(AmqpCondition.ConnectionForced, $"The peer took no bytes for {Seconds(options.WriteTimeout)} s."));
        }

        switch (connection.State)
        {
            case AmqpConnection.Phase.Handshake when IsDue(_created, options.HandshakeTimeout, ref next):
                connection.Abort(
                    new AmqpError(
                        AmqpCondition.ConnectionForced, $"The connection was not open within {Seconds(options.HandshakeTimeout)} s."));
                break;
            case AmqpConnection.Phase.CloseSent when IsDue(Volatile.Read(ref _closeSent), options.CloseTimeout, ref next):
                connection.Abort();
                break;
            case AmqpConnection.Phase.Open:
                TickOpen(options, ref next);
                break;
        }

        return next > Shortest ? next : Shortest;
    }

    private void TickOpen(AmqpConnectionOptions options, ref TimeSpan next)
    {
        if (options.IdleTimeout > TimeSpan.Zero && IsDue(Volatile.Read(ref _received), 2 * options.IdleTimeout, ref next))
        {
            connection.Close(
                new AmqpError(AmqpCondition.ConnectionForced, $"The peer was silent for {Seconds(2 * options.IdleTimeout)} s."));
            next = options.CloseTimeout;
            return;
        }

        var heartbeat = HeartbeatInterval(options);
        if (IsDue(Volatile.Read(ref _sent), heartbeat, ref next))
        {
            lock (connection.Gate)
            {
                if (connection.Output.IsEmpty)
                {
                    connection.Output.Heartbeat();
                    connection.Output.Wake();
                }
            }

            next = next < heartbeat ? next : heartbeat;
        }
    }

    private TimeSpan HeartbeatInterval(AmqpConnectionOptions options)
    {
        var peer = connection.RemoteOpen?.IdleTimeoutMs ?? 0;
        var half = TimeSpan.FromMilliseconds(peer / 2.0);
        return peer > 0 && half < options.HeartbeatInterval ? half : options.HeartbeatInterval;
    }

    private bool IsDue(long since, TimeSpan after, ref TimeSpan next)
    {
        if (since == 0)
        {
            return false;
        }

        var left = after - Time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            return true;
        }

        next = left < next ? left : next;
        return false;
    }

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
