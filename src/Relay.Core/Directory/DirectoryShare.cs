namespace Relay.Core.Directory;

/// <summary>
/// On whose behalf a negotiation is looked up; closed. Each has its own budget of names never met, so that no one spends another's.
/// </summary>
public enum DirectoryShare
{
    /// <summary>An envelope off the bus: its producer was let onto the queue.</summary>
    Queue,

    /// <summary>A reader that has proved to hold a key or a token; whether anybody knows it is still to be found out.</summary>
    Caller,

    /// <summary>Whoever posts to the relay.</summary>
    Anonymous,
}
