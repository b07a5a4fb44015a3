namespace Relay.Core.Caching;

/// <summary>What a source answered, and for how long the answer holds.</summary>
/// <param name="Value">The answer; may say that there is nothing.</param>
/// <param name="RefreshAfter">Age from which the source is asked again while the answer is still served.</param>
/// <param name="MaxAge">Age from which the answer is not served any more, at least <paramref name="RefreshAfter"/>.</param>
public readonly record struct Loaded<TValue>(TValue Value, TimeSpan RefreshAfter, TimeSpan MaxAge)
    where TValue : class
{
    /// <summary>
    /// True when the answer may be forgotten at any time in favour of another key, as one that says that there is nothing.
    /// </summary>
    public bool IsExpendable { get; init; }
}
