namespace Relay.Local.Chaos;

/// <summary>Picks one call in two. Safe for concurrent use.</summary>
internal sealed class EveryOther
{
    private int _calls;

    /// <summary>True for the first, the third, and so on.</summary>
    public bool Next() => (Interlocked.Increment(ref _calls) & 1) == 1;
}
