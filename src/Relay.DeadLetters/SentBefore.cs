using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>What earlier redrives have put back, by the log and by the marks on what came back since.</summary>
internal sealed class SentBefore
{
    private readonly HashSet<(DeadLetterKey, Digest)> _sent = [];
    private readonly Dictionary<(DeadLetterKey, Digest), string> _unknown = [];
    private readonly HashSet<RedriveMarker> _marks;

    /// <param name="entries">Of earlier runs on this namespace, in the log's order.</param>
    /// <param name="letters">What lies there now.</param>
    public SentBefore(IEnumerable<OperatorLogEntry> entries, IEnumerable<DeadLetter> letters)
    {
        foreach (var run in entries.GroupBy(entry => entry.Run))
        {
            var ordered = run.ToList();
            for (var i = 0; i < ordered.Count; i++)
            {
                if (ordered[i].Act != OperatorAct.RedriveBatch) continue;
                // A run writes the next entry only when the bus has taken the batch before it.
                Note(ordered[i], i + 1 < ordered.Count);
            }
        }

        _marks = [.. letters.Select(letter => letter.Marker).OfType<RedriveMarker>()];
    }

    /// <summary>True of one whose copy is back or was: it has only to be taken away.</summary>
    /// <remarks>
    /// A mark alone proves nothing, since every producer can write one: it counts for what the log says may have been sent.
    /// </remarks>
    public bool IsSent(DeadLetter letter) =>
        _sent.Contains((letter.Key, letter.Body))
        || (_unknown.TryGetValue((letter.Key, letter.Body), out var run) && _marks.Contains(new RedriveMarker(run, letter.Key)));

    /// <summary>True of one of a batch during which a redrive died: its copy may be back or not.</summary>
    public bool MayBeSent(DeadLetter letter) => !IsSent(letter) && _unknown.ContainsKey((letter.Key, letter.Body));

    private void Note(OperatorLogEntry entry, bool isSent)
    {
        foreach (var item in entry.Items ?? [])
        {
            if (!OperatorLogItem.TryRead(item, out var read)) continue;
            if (isSent) _sent.Add(read);
            else _unknown[read] = entry.Run;
        }
    }
}
