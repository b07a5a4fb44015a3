using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Takes the entries of a tree in their order and holds them against the rules between them: streams without gaps, times, policies.
/// </summary>
internal sealed class EntryCheck(CheckedLedger view, LedgerReport report, QuorumCheck quorum)
{
    // By how much clocks may differ.
    private const long MaxSkewSeconds = 120;

    private readonly Dictionary<long, CheckedEntry> _watched = [];
    private readonly HashSet<long> _watch = [];
    private readonly HashSet<Digest> _policies = [];
    private long _at;
    private long _unread;

    /// <summary>Streams by name, with the digest and index of each envelope; an index of -1 where an entry could not be read.</summary>
    public SortedDictionary<string, List<(long Index, Digest Digest)>> Streams { get; } = new(StringComparer.Ordinal);

    /// <summary>Digests of what evidence entries say came, with the id and the entry's index.</summary>
    public List<(long Index, string Id, Digest Came)> Evidence { get; } = [];

    /// <summary>What was acknowledged.</summary>
    public AcknowledgementCheck Acknowledgements { get; } = new(view, report, quorum);

    /// <summary>Bundles and claims of prekeys.</summary>
    public PrekeyCheck Prekeys { get; } = new(view, report, quorum);

    /// <summary>The newest policy entry: version and digest; 0 when there is none.</summary>
    public (long Version, Digest Digest) Policy { get; private set; }

    /// <summary>What the newest mode entry says; open before the first.</summary>
    public string Mode { get; private set; } = "open";

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
    public async ValueTask NextAsync(long index, byte[] text, string blob, CancellationToken cancellationToken)
    {
        if (CheckedEntry.Parse(text, report.Negotiation) is not { } entry)
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
        foreach (var head in entry.Heads)
        {
            if (await quorum.JudgeAsync(head, entry.At, cancellationToken).ConfigureAwait(false) is not var (problem, isProved)) continue;
            var finding = new CheckFinding(CheckRule.Quorum, blob, problem, index, index);
            if (isProved) report.Add(finding);
            else report.AddUnproved(finding);
        }

        switch (entry.Kind)
        {
            case CheckedEntry.Envelope:
                CheckTime(index, entry, blob);
                NextEnvelope(index, entry.Head, blob);
                break;
            case CheckedEntry.Evidence:
                NextEvidence(index, entry, blob);
                break;
            case CheckedEntry.AcknowledgementKind:
                await NextAcknowledgementAsync(index, entry, blob, cancellationToken).ConfigureAwait(false);
                break;
            case CheckedEntry.PrekeysKind:
            case CheckedEntry.ClaimKind:
                CheckInForce(index, entry, CheckRule.Prekeys, blob);
                await Prekeys.NextAsync(index, entry, HasGaps, blob, cancellationToken).ConfigureAwait(false);
                break;
            case CheckedEntry.ModeKind:
                Mode = entry.Note;
                break;
            case CheckedEntry.PolicyKind:
                await NextPolicyAsync(index, entry, blob, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    // No envelope is logged before it was written, or once it has expired.
    private void CheckTime(long index, CheckedEntry entry, string blob)
    {
        var (from, until) = (entry.Head.From - MaxSkewSeconds, entry.Head.Until);
        if (entry.At >= from * 1000 && entry.At < until * 1000) return;
        var problem = $"expected {entry.Head.Id} logged from {from} on and before {until}, got {entry.At / 1000}";
        report.Add(new CheckFinding(CheckRule.Time, blob, problem, index, index));
    }

    private void NextEnvelope(long index, CheckedSignedHead entry, string blob)
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
        if (stream.Count > 0 && stream[^1].Index >= 0 && entry.Previous != stream[^1].Digest)
        {
            var problem = $"expected {entry.Id} to continue the envelope before it, its 'prev' is another";
            report.Add(new CheckFinding(CheckRule.Order, blob, problem, index, index));
        }
        stream.Add((index, entry.Digest));
        Acknowledgements.Next(entry);
        CheckPolicy(index, entry, blob);
    }

    // An entry's document must have been put in force by an entry before it.
    private void CheckPolicy(long index, CheckedSignedHead head, string blob)
    {
        if (_policies.Contains(head.Policy) || _unread > 0) return;
        report.Add(
            new CheckFinding(
                CheckRule.Policy, blob, $"expected an envelope judged by a policy in the ledger, got {head.Policy}", index, index));
    }

    private void NextEvidence(long index, CheckedEntry entry, string blob)
    {
        report.Evidence++;
        var (held, came) = (entry.Heads[0], entry.Head);
        foreach (var head in entry.Heads) CheckPolicy(index, head, blob);
        Evidence.Add((index, came.Id, came.Digest));
        var stream = Streams.GetValueOrDefault(came.Stream);
        if (stream is null || held.Sequence > stream.Count || stream[(int)held.Sequence - 1] is not ( >= 0, var digest)) return;
        if (entry.Note == "fork-seen" || digest == held.Digest) return;
        var problem = $"expected evidence against what the ledger holds of {held.Id}, {digest}, got {held.Digest}";
        report.Add(new CheckFinding(CheckRule.Evidence, blob, problem, index, index));
    }

    private ValueTask NextAcknowledgementAsync(long index, CheckedEntry entry, string blob, CancellationToken cancellationToken)
    {
        var said = entry.Said!;
        var stream = Streams.GetValueOrDefault(said.Stream);
        Digest? envelope = said.Sequence <= (stream?.Count ?? 0) && stream![(int)said.Sequence - 1] is ( >= 0, var digest) ? digest : null;
        CheckInForce(index, entry, CheckRule.Acknowledgement, blob);
        return Acknowledgements.NextAsync(index, said, envelope, entry.Policy, HasGaps, blob, cancellationToken);
    }

    // What a delegation signed is judged by the document that is in force then.
    private void CheckInForce(long index, CheckedEntry entry, CheckRule rule, string blob)
    {
        if (HasGaps || (Policy.Version > 0 && entry.Policy == Policy.Digest)) return;
        var inForce = Policy.Version == 0 ? "a document in force before an acknowledgement" : $"the document in force, {Policy.Digest}";
        report.Add(new CheckFinding(rule, blob, $"expected {inForce}, got one under {entry.Policy}", index, index));
    }

    private async ValueTask NextPolicyAsync(long index, CheckedEntry entry, string blob, CancellationToken cancellationToken)
    {
        var (_, missing) = await quorum.FindPolicyAsync(entry.Policy, cancellationToken).ConfigureAwait(false);
        if (missing.Length > 0)
        {
            report.Add(new CheckFinding(CheckRule.Policy, $"policy/{CheckText.Hex(entry.Policy)}", missing, index, index));
        }
        var version = long.Parse(entry.Note, CultureInfo.InvariantCulture);
        if (version <= Policy.Version)
        {
            report.Add(new CheckFinding(CheckRule.Policy, blob, $"expected a version above {Policy.Version}, got {version}", index, index));
        }
        Policy = (version, entry.Policy);
        _policies.Add(entry.Policy);
    }
}
