using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;

namespace Relay.Client.Prekeys;

/// <summary>When a delegation publishes prekeys anew. Immutable.</summary>
public sealed record PrekeyPolicy
{
    /// <summary>
    /// Hybrid keys, 12 of them, refilled below 4: ML-KEM-768 beside P-256, a draft. What was recorded stays closed to a quantum computer
    /// too, for 1.8 KB a key and 1.1 KB an addressee.
    /// </summary>
    public static PrekeyPolicy Hybrid { get; } =
        new() { Kind = JwkKind.MlKem768P256, Count = PrekeyBundle.MaxHybridOneTime, RefillBelow = 4 };

    /// <summary>Kind of the keys: <see cref="JwkKind.P256"/>, the default, or <see cref="JwkKind.MlKem768P256"/>.</summary>
    public JwkKind Kind { get; init; } = JwkKind.P256;

    /// <summary>One-time keys of a bundle: 0 to 100, default 100; of hybrid ones to 12.</summary>
    public int Count { get; init; } = 100;

    /// <summary>With fewer one-time keys left than this a new bundle is published; default 10.</summary>
    public int RefillBelow { get; init; } = 10;

    /// <summary>Age at which the session key is followed by another; default 24 hours.</summary>
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long senders may seal to a bundle: from <see cref="RotateAfter"/> to 14 days, default 48 hours, so that a delegation that is
    /// away for a day can still be written to. A session key is kept for that and 30 days more, the longest that an envelope may last.
    /// </summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(48);

    internal void Check()
    {
        if (Kind is not (JwkKind.P256 or JwkKind.MlKem768P256))
        {
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "Expected keys on P-256, or hybrid ones.");
        }
        var most = Kind == JwkKind.P256 ? PrekeyBundle.MaxOneTime : PrekeyBundle.MaxHybridOneTime;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Count, most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, PrekeyBundle.MaxLifetime);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, RotateAfter);
    }
}
