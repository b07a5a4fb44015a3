namespace Relay.Checker;

/// <summary>What the check of one ledger found.</summary>
public sealed class LedgerReport
{
    /// <summary>Findings kept: 1,000. Further ones are counted.</summary>
    public const int MaxFindings = 1_000;

    private readonly List<CheckFinding> _findings = [];
    private readonly List<CheckFinding> _unproved = [];
    private readonly SortedDictionary<string, int> _leftovers = new(StringComparer.Ordinal);

    internal LedgerReport(string negotiation) => Negotiation = negotiation;

    /// <summary>The negotiation.</summary>
    public string Negotiation { get; }

    /// <summary>
    /// Entries of the tree, by the head or, where that is damaged, by the published checkpoint; -1 when neither can be read.
    /// </summary>
    public long Size { get; internal set; } = -1;

    /// <summary>Number of the head's commit; 0 when it cannot be read.</summary>
    public long Commit { get; internal set; }

    /// <summary>
    /// Identifier, with version, of the vault key that certified the head's checkpoint key; null when the head cannot be read.
    /// </summary>
    public string? CertifiedBy { get; internal set; }

    /// <summary>Envelopes among the entries.</summary>
    public long Envelopes { get; internal set; }

    /// <summary>Evidence entries.</summary>
    public long Evidence { get; internal set; }

    /// <summary>Bundles of prekeys among the entries.</summary>
    public long Bundles { get; internal set; }

    /// <summary>Claims of prekeys among the entries.</summary>
    public long Claims { get; internal set; }

    /// <summary>Acknowledgements among the entries.</summary>
    public long Acknowledgements { get; internal set; }

    /// <summary>Envelopes that wait for a gap.</summary>
    public int Held { get; internal set; }

    /// <summary>Entries not yet known to be forwarded.</summary>
    public int Outstanding { get; internal set; }

    /// <summary>
    /// Blobs of the head's commit that are still to be published from its staging blob, or torn there: the next commit puts them.
    /// </summary>
    public int Unpublished { get; internal set; }

    /// <summary>In the order in which they were found: head, tree, streams, the rest.</summary>
    public IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>All findings, those beyond <see cref="MaxFindings"/> too.</summary>
    public long FindingCount { get; private set; }

    /// <summary>
    /// What is neither right nor wrong by the keys that are at hand: an entry whose quorum hangs on a version that is not there, or that
    /// was not good at the entry's time. At most <see cref="MaxFindings"/> are kept.
    /// </summary>
    public IReadOnlyList<CheckFinding> Unproved => _unproved;

    /// <summary>All of these.</summary>
    public long UnprovedCount { get; private set; }

    /// <summary>Blobs that nothing refers to, by kind: what crashes and superseding leave. Not wrong.</summary>
    public IReadOnlyDictionary<string, int> Leftovers => _leftovers;

    /// <summary>True when nothing is wrong.</summary>
    public bool IsClean => FindingCount == 0;

    /// <summary>True when nothing is wrong, and nothing was left open.</summary>
    public bool IsProved => IsClean && UnprovedCount == 0;

    /// <summary>How far the damage reaches, as a sentence; empty when nothing is wrong.</summary>
    public string Reach
    {
        get
        {
            if (IsClean) return "";
            if (Size < 0) return "neither head nor checkpoint can be read: nothing in it can be verified";
            var hit = _findings.Where(finding => finding.HitsEntries).ToList();
            if (hit.Count == 0) return $"all {Size} entries are whole";
            var first = hit.Min(finding => finding.FirstEntry);
            var last = hit.Max(finding => finding.LastEntry);
            return $"entries {first} to {last} of {Size} are affected; those before {first} verify";
        }
    }

    internal void Add(CheckFinding finding)
    {
        FindingCount++;
        if (_findings.Count < MaxFindings) _findings.Add(finding);
    }

    internal void AddUnproved(CheckFinding finding)
    {
        UnprovedCount++;
        if (_unproved.Count < MaxFindings) _unproved.Add(finding);
    }

    internal void AddLeftover(string kind) => _leftovers[kind] = _leftovers.GetValueOrDefault(kind) + 1;
}
