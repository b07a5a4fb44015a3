namespace Relay.Core.Ledger.Commit;

/// <summary>How an attempt to commit a group ended; closed.</summary>
internal enum Attempt
{
    /// <summary>The group is answered.</summary>
    Done,

    /// <summary>The working copy was an old one and is given up: again at once, on the head as it is.</summary>
    Again,

    /// <summary>Somebody else's swap came first: again, after a pause.</summary>
    Lost,
}
