namespace Emulator.Amqp.State;

/// <summary>Refuses options a connection cannot run with.</summary>
internal static class ConnectionOptionsCheck
{
    private const uint SmallestFrame = 512;
    private const uint LargestFrame = 1024 * 1024;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its documented range.</exception>
    public static void Validate(AmqpConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFrameSize, SmallestFrame, nameof(options.MaxFrameSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxFrameSize, LargestFrame, nameof(options.MaxFrameSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HandleMax, (uint)ushort.MaxValue, nameof(options.HandleMax));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.IncomingWindow, 1u, nameof(options.IncomingWindow));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxMessageSize, 1, nameof(options.MaxMessageSize));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxDiscardedBytes, nameof(options.MaxDiscardedBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxUnsettledDeliveries, 1, nameof(options.MaxUnsettledDeliveries));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.OutputHighWaterBytes, 1, nameof(options.OutputHighWaterBytes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.HandshakeTimeout, TimeSpan.Zero, nameof(options.HandshakeTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.WriteTimeout, TimeSpan.Zero, nameof(options.WriteTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.HeartbeatInterval, TimeSpan.Zero, nameof(options.HeartbeatInterval));
        if (options.IdleTimeout != TimeSpan.Zero && options.IdleTimeout < TimeSpan.FromSeconds(5))
        {
            // .NET clients refuse an idle-time-out below 5 s.
            throw new ArgumentOutOfRangeException(nameof(options), options.IdleTimeout, "IdleTimeout is zero or at least 5 s.");
        }
    }
}
