namespace Relay.Risk.Results;

/// <summary>How a pace has changed.</summary>
public enum PaceChange
{
    /// <summary>Gaps are longer than they were.</summary>
    Slower,

    /// <summary>Gaps are shorter than they were.</summary>
    Faster,
}
