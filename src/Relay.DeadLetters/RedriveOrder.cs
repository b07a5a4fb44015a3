using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>
/// The order in which dead letters go back: the bus's, as far as it does not put one before another of its stream with a lower sequence.
/// </summary>
/// <remarks>
/// Streams are not sorted one behind the other: a stream of a hundred thousand would have all others wait, and what goes back in about the
/// order in which it stands can be read and taken out as it stands.
/// </remarks>
internal static class RedriveOrder
{
    /// <param name="letters">In any order. What is no envelope has no stream, and keeps its place.</param>
    public static IReadOnlyList<DeadLetter> Of(IEnumerable<DeadLetter> letters)
    {
        // Urgent first, as the relay itself has it.
        var standing = letters.OrderByDescending(letter => letter.Key.Source.Queue).ThenBy(letter => letter.Key.Number).ToList();
        var streams = standing.Where(letter => letter.Id is not null)
            .GroupBy(letter => letter.Id!.Value.Stream)
            .ToDictionary(
                group => group.Key,
                group => new Queue<DeadLetter>(group.OrderBy(letter => letter.Id!.Value.Sequence).ThenBy(letter => letter.Key.Number)));
        var seen = new HashSet<DeadLetterKey>();
        var ordered = new List<DeadLetter>(standing.Count);
        foreach (var letter in standing)
        {
            if (letter.Id is not { } id)
            {
                ordered.Add(letter);
                continue;
            }
            seen.Add(letter.Key);
            var waiting = streams[id.Stream];
            while (waiting.TryPeek(out var next) && seen.Contains(next.Key)) ordered.Add(waiting.Dequeue());
        }

        return ordered;
    }
}
