namespace Relay.DeadLetters;

/// <summary>
/// What a redrive writes on each message that it puts back, as application property <see cref="Property"/>: should that one become a dead
/// letter too while the first is still there, the next redrive knows that the first has been sent.
/// </summary>
/// <param name="Run">The redrive.</param>
/// <param name="Origin">The dead letter whose copy this is.</param>
internal sealed record RedriveMarker(string Run, DeadLetterKey Origin)
{
    public const string Property = "relay-redrive";

    /// <returns>Null for whatever no redrive has written; anyone who may send can write it.</returns>
    public static RedriveMarker? Read(object? property) =>
        property is string text && text.Split('/', 2) is [var run, var origin] && DeadLetterKey.TryParse(origin, out var key)
            ? new RedriveMarker(run, key)
            : null;

    /// <summary>The property's value.</summary>
    public override string ToString() => $"{Run}/{Origin}";
}
