namespace Relay.DeadLetters;

/// <summary>How far a command on dead letters has come.</summary>
/// <param name="Done">Put back, or chosen to be dropped.</param>
/// <param name="Of">How many will be.</param>
/// <param name="Removed">No longer dead letters.</param>
internal readonly record struct RedriveProgress(int Done, int Of, int Removed);
