using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Takes the entries of a tree in their order and holds them against the rules between them: streams without gaps, times, policies.
/// </summary>
internal sealed class EntryCheck(string negotiation, LedgerReport report)
{
    private readonly Dictionary<long, CheckedEntry> _watched = [];
    private readonly HashSet<long> _watch = [];
    private readonly HashSet<Digest> _policies = [];
    private long _at;
    private long _unread;

    /// <summary>Streams by name, with the digest and index of each envelope; an index of -1 where an entry could not be read.</summary>
    public SortedDictionary<string, List<(long Index, Digest Digest)>> Streams { get; } = new(StringComparer.Ordinal);

    /// <summary>Evidence entries, with what the ledger held under their id when they came, if it did and it is known.</summary>
    public List<(long Index, CheckedEntry Entry, Digest? Logged)> Evidence { get; } = [];

    /// <summary>The newest policy entry: version and digest; 0 when there is none.</summary>
    public (long Version, Digest Digest) Policy { get; private set; }

    /// <summary>Time of the newest entry, milliseconds since 1970.</summary>
    public long At => _at;

    /// <summary>True when some entries could not be read: what follows from all of them cannot be told.</summary>
    public bool HasGaps => _unread > 0;

    /// <summary>Keeps an entry for <see cref="Find"/> when it comes.</summary>
    public void Watch(long index) => _watch.Add(index);

    public CheckedEntry? Find(long index) => _watched.GetValueOrDefault(index);

    /// <summary>The next entry could not be read.</summary>
    public void Skip(long index) => _unread++;

    /// <summary>The next entry.</summary>
    public void Next(long index, byte[] text, string blob)
    {
        if (CheckedEntry.Parse(text, negotiation) is not { } entry)
        {
            _unread++;
            report.Add(
                new CheckFinding(CheckRule.Entry, blob, "expected the text of an entry of this ledger, got something else", index, index));
            return;
        }

        if (_watch.Contains(index)) _watched[index] = entry;
        if (entry.At < _at)
        {
            report.Add(new CheckFinding(CheckRule.Time, blob, $"expected a time of at least {_at}, got {entry.At}", index, index));
        }
        _at = Math.Max(_at, entry.At);
        switch (entry.Kind)
        {
            case CheckedEntry.Envelope:
                NextEnvelope(index, entry, blob);
                break;
            case CheckedEntry.Evidence:
                report.Evidence++;
                var stream = Streams.GetValueOrDefault(entry.Stream);
                Evidence.Add(
                    (
                        index,
                        entry,
                        stream is not null && entry.Sequence <= stream.Count && stream[(int)entry.Sequence - 1].Index >= 0
                            ? stream[(int)entry.Sequence - 1].Digest
                            : null));
                break;
            case CheckedEntry.Policy:
                NextPolicy(index, entry, blob);
                break;
        }
    }

    private void NextEnvelope(long index, CheckedEntry entry, string blob)
    {
        report.Envelopes++;
        if (!Streams.TryGetValue(entry.Stream, out var stream)) Streams[entry.Stream] = stream = [];
        var missing = entry.Sequence - stream.Count - 1;
        if (missing < 0 || missing > _unread)
        {
            var problem = missing < 0
                ? $"expected each sequence of a stream once, got {entry.Id} again"
                : $"expected sequence {stream.Count + 1} of its stream, got {entry.Id}";
            report.Add(new CheckFinding(CheckRule.Order, blob, problem, index, index));
            if (missing < 0 || missing > 1_000_000) return;
        }

        while (stream.Count < entry.Sequence - 1) stream.Add((-1, default));
        stream.Add((index, entry.Digest));
        if (!_policies.Contains(entry.Other) && _unread == 0)
        {
            report.Add(
                new CheckFinding(
                    CheckRule.Policy, blob, $"expected an envelope judged by a policy in the ledger, got {entry.Other}", index, index));
        }
    }

    private void NextPolicy(long index, CheckedEntry entry, string blob)
    {
        var version = long.Parse(entry.Note, CultureInfo.InvariantCulture);
        if (version <= Policy.Version)
        {
            report.Add(new CheckFinding(CheckRule.Policy, blob, $"expected a version above {Policy.Version}, got {version}", index, index));
        }
        Policy = (version, entry.Digest);
        _policies.Add(entry.Digest);
    }
}
