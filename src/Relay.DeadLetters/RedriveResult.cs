namespace Relay.DeadLetters;

/// <summary>How a redrive or a drop ended.</summary>
internal sealed record RedriveResult
{
    /// <summary>How many were put back by this run, or chosen to be dropped.</summary>
    public required int Done { get; init; }

    /// <summary>How many an earlier run had put back: they were taken away only.</summary>
    public int Before { get; init; }

    /// <summary>Of <see cref="Done"/>, how many may be back twice, because a run died while it put them back.</summary>
    public int PerhapsTwice { get; init; }

    /// <summary>How many were gone when their turn came.</summary>
    public int Gone { get; init; }

    /// <summary>
    /// How many should be no dead letters any more and still are: behind others that are not chosen, or locked by another program.
    /// </summary>
    public required int Left { get; init; }

    /// <summary>Interrupted before the end.</summary>
    public required bool IsInterrupted { get; init; }
}
