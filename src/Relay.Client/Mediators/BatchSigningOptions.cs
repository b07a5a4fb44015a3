using Relay.Protocol.Signatures;

namespace Relay.Client.Mediators;

/// <summary>When a <see cref="BatchSigner"/> closes a batch, and how much it takes on.</summary>
public sealed record BatchSigningOptions
{
    /// <summary>Longest time that a head waits for others: 50 ms.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Most heads under one signature: 1 to 4,096, default 1,024.</summary>
    public int MaxHeads { get; init; } = 1024;

    /// <summary>
    /// How long a head waits for others at most, and so the time between two calls that are not full: above 0 to 50 ms, the default.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = LongestWait;

    /// <summary>
    /// Most heads taken on and not yet signed; whoever brings one more waits until there is room. At least <see cref="MaxHeads"/>, default
    /// 16,384, with some hundred bytes each.
    /// </summary>
    public int MaxPending { get; init; } = 16_384;

    /// <summary>How long one call of the signer may take before all in it fail: above 0, default 30 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Check()
    {
        if (MaxHeads is < 1 or > BatchSignature.MaxLeaves)
        {
            throw new ArgumentException($"Expected {nameof(MaxHeads)} from 1 to {BatchSignature.MaxLeaves}, got {MaxHeads}.");
        }
        if (MaxWait <= TimeSpan.Zero || MaxWait > LongestWait)
        {
            throw new ArgumentException($"Expected {nameof(MaxWait)} above 0 and at most {LongestWait}, got {MaxWait}.");
        }
        if (MaxPending < MaxHeads)
        {
            throw new ArgumentException($"Expected {nameof(MaxPending)} of at least {nameof(MaxHeads)}, {MaxHeads}, got {MaxPending}.");
        }
        if (CallTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"Expected {nameof(CallTimeout)} above 0, got {CallTimeout}.");
        }
    }
}
