using System.Text;
using System.Text.Json;
using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Keys;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.FaultTests;

/// <summary>
/// Looks at what each kill left: the checker finds nothing wrong, and the ledger is never
/// shorter than it was. Counts in which windows the kills landed, and keeps each root for
/// <see cref="VerifyRootsAsync"/>: one tree runs through all of them.
/// </summary>
/// <param name="store">The ledger's store, only read.</param>
/// <param name="findKey">The relay's vault keys.</param>
/// <param name="findMediatorKey">The mediators' vault keys.</param>
/// <param name="temporary">Folder in which a folder store writes what it then renames; null for another store.</param>
internal sealed class KillJudge(
    ILedgerStore store,
    Func<string, CancellationToken, ValueTask<PublicJwk?>> findKey,
    Func<string, CancellationToken, ValueTask<DatedKey?>> findMediatorKey,
    string? temporary)
{
    private static readonly string[] Windows =
    [
        "unpublished", "outstanding", "held", "behind the bus", "half written", "none of these", "before a commit",
    ];

    private readonly Dictionary<string, int> _windows = Windows.ToDictionary(name => name, _ => 0);
    private readonly Dictionary<long, string> _roots = [];
    private long _commit;
    private long _size;

    /// <summary>Envelopes that were logged at the last look.</summary>
    public long Logged { get; private set; }

    /// <summary>How many kills landed where, as text.</summary>
    public string Summary => string.Join(", ", Windows.Select(name => $"{name} {_windows[name]}"));

    /// <summary>Judges the state that a killed app left.</summary>
    /// <param name="kill">Which seed and kill it was.</param>
    /// <param name="accepted">How many envelopes the bus has accepted by now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task JudgeAsync(string kill, int accepted, CancellationToken cancellationToken)
    {
        var checkedStore = await new LedgerChecker(new StoreToCheck(store), findKey, findMediatorKey).CheckAsync(null, cancellationToken);
        Assert.True(checkedStore.Foreign == 0, $"{kill}: {checkedStore.Foreign} blobs belong to no ledger");
        if (checkedStore.Ledgers.Count == 0)
        {
            Assert.True(_size == 0, $"{kill}: expected a ledger of {_size} entries at least, got none");
            Count(true, "before a commit");
            return;
        }

        var report = Assert.Single(checkedStore.Ledgers);
        Assert.True(report.IsProved, $"{kill}: {report.Reach}: {string.Join('\n', report.Findings.Concat(report.Unproved))}");
        Assert.True(
            report.Commit >= _commit && report.Size >= _size,
            $"{kill}: expected commit {_commit} of {_size} entries or later, got {report.Commit} of {report.Size}");
        Assert.True(report.Envelopes <= accepted, $"{kill}: expected at most {accepted} envelopes, got {report.Envelopes}");
        Assert.True(report.Evidence == 0, $"{kill}: expected no evidence, got {report.Evidence}");
        await RememberRootAsync(kill, cancellationToken);
        bool[] hits =
        [
            report.Unpublished > 0,
            report.Outstanding > 0,
            report.Held > 0,
            report.Envelopes + report.Held < accepted,
            temporary is not null && Directory.EnumerateFiles(temporary).Any(),
        ];
        for (var i = 0; i < hits.Length; i++) Count(hits[i], Windows[i]);
        Count(!hits.Contains(true), "none of these");
        Count(report.Commit == _commit, "before a commit");
        (_commit, _size, Logged) = (report.Commit, report.Size, report.Envelopes);
    }

    /// <summary>The tree of the ledger as it is now has had each of the roots that heads had after kills.</summary>
    /// <param name="size">Its entries.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many they were.</returns>
    public async Task<int> VerifyRootsAsync(long size, CancellationToken cancellationToken)
    {
        var ledger = await LedgerAtHead.ReadAsync(store, RelayInPieces.Negotiation, cancellationToken);
        var range = new CompactRange();
        var verified = 0;
        for (long tile = 0; range.Size < size; tile++)
        {
            var path = TileId.Of(0, tile, size).Path;
            var hashes = await ledger.FindAsync($"{RelayInPieces.Negotiation}/{path}", cancellationToken);
            Assert.NotNull(hashes);
            for (var at = 0; at < hashes.Value.Length; at += Digest.Size)
            {
                range.Append(new Digest(hashes.Value.Span.Slice(at, Digest.Size)));
                if (!_roots.TryGetValue(range.Size, out var root)) continue;
                Assert.Equal(root, range.Root().ToString());
                verified++;
            }
        }

        Assert.Equal(_roots.Keys.Count(known => known <= range.Size), verified);
        return verified;
    }

    private async Task RememberRootAsync(string kill, CancellationToken cancellationToken)
    {
        var head = await store.GetAsync($"{RelayInPieces.Negotiation}/head", cancellationToken);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(head!.Content.Span).Split('\n')[2]);
        var (size, root) = (json.RootElement.GetProperty("size").GetInt64(), json.RootElement.GetProperty("root").GetString()!);
        Assert.True(_roots.GetValueOrDefault(size, root) == root, $"{kill}: two roots of {size} entries");
        _roots[size] = root;
    }

    private void Count(bool hit, string window) => _windows[window] += hit ? 1 : 0;
}
