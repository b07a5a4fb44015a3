namespace Relay.Local.Chaos;

/// <summary>How a dependency of a local stack is disturbed; closed.</summary>
public enum DisturbanceKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Refuses: connections to bus and vault, calls to ledger and directory.</summary>
    Down,

    /// <summary>Answers late.</summary>
    Slow,

    /// <summary>Refuses one call in two with the service's own error of one that has too much to do.</summary>
    Erroring,
}
