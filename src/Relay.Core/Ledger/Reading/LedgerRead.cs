namespace Relay.Core.Ledger.Reading;

/// <summary>What became of a read; closed.</summary>
public enum LedgerReadStatus
{
    /// <summary>Read, and verified against a checkpoint that this relay signed.</summary>
    Found,

    /// <summary>The ledger has no such thing, as far as it is published.</summary>
    Absent,

    /// <summary>The store or the vault cannot be read now; transient.</summary>
    Unavailable,

    /// <summary>What is stored does not verify: it is not served, and an operator has to act.</summary>
    Damaged,
}

/// <summary>Answer of a <see cref="LedgerReader"/>.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Value">Set exactly when found.</param>
/// <param name="Problem">What was expected and what came; empty when found.</param>
public readonly record struct LedgerRead<T>(LedgerReadStatus Status, T? Value, string Problem)
    where T : class
{
    /// <summary>True when <see cref="Value"/> is set.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    public bool IsFound => Status == LedgerReadStatus.Found;

    /// <summary>See <see cref="LedgerReadFailure.Next"/>.</summary>
    public long? Next { get; init; }

    /// <summary>Found.</summary>
    public static implicit operator LedgerRead<T>(T value) => new(LedgerReadStatus.Found, value, "");

    /// <summary>Not found.</summary>
    public static implicit operator LedgerRead<T>(LedgerReadFailure failure) =>
        new(failure.Status, null, failure.Problem) { Next = failure.Next };

    /// <summary>The failure, to hand on; not when found.</summary>
    public LedgerReadFailure Failure => new(Status, Problem) { Next = Next };
}

/// <summary>Why nothing was read.</summary>
/// <param name="Status">Not <see cref="LedgerReadStatus.Found"/>.</param>
/// <param name="Problem">What was expected and what came.</param>
public readonly record struct LedgerReadFailure(LedgerReadStatus Status, string Problem)
{
    /// <summary>
    /// Of an envelope that is not there: the sequence that its stream expects next, from which its sender goes on; null where no head says.
    /// </summary>
    public long? Next { get; init; }
}
