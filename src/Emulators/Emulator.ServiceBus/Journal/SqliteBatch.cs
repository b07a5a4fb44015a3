namespace Emulator.ServiceBus.Journal;

/// <summary>
/// What a batch of changes comes to: what is added and removed within it never touches the file, a store's last number is written once, and
/// rows that go are known as ranges. Kept from batch to batch for its capacity.
/// </summary>
internal sealed class SqliteBatch
{
    private readonly HashSet<long> _added = [];
    private readonly HashSet<long> _removed = [];
    private readonly HashSet<long> _contentsAdded = [];
    private readonly HashSet<long> _contentsRemoved = [];
    private readonly List<long> _rows = [];
    private readonly List<long> _contents = [];

    /// <summary>Stores that changed, with the last number each gave out.</summary>
    public Dictionary<JournalStore, long> Numbers { get; } = [];

    public void Sum(ReadOnlySpan<JournalChange> changes)
    {
        _added.Clear();
        _removed.Clear();
        _contentsAdded.Clear();
        _contentsRemoved.Clear();
        _rows.Clear();
        _contents.Clear();
        Numbers.Clear();
        foreach (ref readonly var change in changes)
        {
            switch (change.Kind)
            {
                case JournalRecordKind.Added:
                    _added.Add(change.Key);
                    if (change.WithContent) _contentsAdded.Add(change.Entry!.ContentKey);
                    Numbers[change.Store] = Math.Max(Numbers.GetValueOrDefault(change.Store), change.Number);
                    break;
                case JournalRecordKind.Removed:
                    _removed.Add(change.Key);
                    if (!_added.Contains(change.Key)) _rows.Add(change.Key);
                    if (!change.WithContent) break;
                    _contentsRemoved.Add(change.Entry!.ContentKey);
                    if (!_contentsAdded.Contains(change.Entry.ContentKey)) _contents.Add(change.Entry.ContentKey);
                    break;
                case JournalRecordKind.NumberTaken:
                    Numbers[change.Store] = Math.Max(Numbers.GetValueOrDefault(change.Store), change.Number);
                    break;
                case JournalRecordKind.SessionState or JournalRecordKind.IdSeen:
                    Numbers.TryAdd(change.Store, 0);
                    break;
            }
        }
    }

    /// <summary>Whether the message is gone by the end of the batch.</summary>
    public bool IsRemoved(long key) => _removed.Contains(key);

    /// <summary>Whether the content is gone by the end of the batch.</summary>
    public bool IsContentRemoved(long key) => _contentsRemoved.Contains(key);

    /// <summary>Messages whose rows go.</summary>
    public IEnumerable<(long First, long Last)> RemovedRows() => Ranges(_rows);

    /// <summary>Contents whose rows go.</summary>
    public IEnumerable<(long First, long Last)> RemovedContents() => Ranges(_contents);

    private static IEnumerable<(long First, long Last)> Ranges(List<long> keys)
    {
        keys.Sort();
        for (var index = 0; index < keys.Count;)
        {
            var first = index++;
            while (index < keys.Count && keys[index] == keys[index - 1] + 1)
            {
                index++;
            }

            yield return (keys[first], keys[index - 1]);
        }
    }
}
