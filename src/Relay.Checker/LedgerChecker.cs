using Relay.Protocol.Keys;

namespace Relay.Checker;

/// <summary>
/// Walks a whole store and recomputes everything in it: hashes, tiles, heads, checkpoints,
/// order, index, held envelopes, evidence, acknowledgements. Reads formats by code of its own, so that what the relay
/// reads wrong is not read wrong here too.
/// </summary>
/// <remarks>Changes nothing. A ledger whose head moves meanwhile is checked again, a few times.</remarks>
/// <param name="store">What to check.</param>
/// <param name="findKey">
/// The relay's vault key of an identifier with version, null when the relay has
/// no such key; without this function certificates are taken at their word.
/// </param>
/// <param name="findMediatorKey">
/// A mediator's vault key of an identifier with version and that version's time, null when there is no such key;
/// without this function the mediators' signatures are taken at their word.
/// </param>
public sealed class LedgerChecker(
    ICheckedStore store,
    Func<string, CancellationToken, ValueTask<PublicJwk?>>? findKey,
    Func<string, CancellationToken, ValueTask<DatedKey?>>? findMediatorKey)
{
    private const string MarkerFolder = ".negotiations";
    private const int Attempts = 3;

    // Beside the ledgers, and no part of any: what waits for more signatures, which signals were told, and what workers have counted.
    private static readonly string[] OtherFolders = [".pending", ".signals", ".tallies"];

    /// <summary>Checks everything.</summary>
    /// <param name="progress">Told after every bundle of entries; may be null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Exception">Whatever the store threw: it cannot be read.</exception>
    public async Task<StoreReport> CheckAsync(IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        var negotiations = new SortedSet<string>(StringComparer.Ordinal);
        var markers = new HashSet<string>();
        var foreign = 0;
        await foreach (var name in store.ListAsync("", cancellationToken).ConfigureAwait(false))
        {
            var slash = name.IndexOf('/');
            var folder = slash < 0 ? "" : name[..slash];
            if (folder == MarkerFolder && CheckText.IsName(name[(slash + 1)..])) markers.Add(name[(slash + 1)..]);
            else if (CheckText.IsName(folder)) negotiations.Add(folder);
            else if (!OtherFolders.Contains(folder)) foreign++;
        }

        negotiations.UnionWith(markers);
        var reports = new List<LedgerReport>();
        foreach (var negotiation in negotiations)
        {
            var report = await CheckLedgerAsync(negotiation, progress, cancellationToken).ConfigureAwait(false);
            if (report is null) continue;
            // It is put after the first head, and comes with the second at the latest.
            if (!markers.Contains(negotiation) && report.Commit != 1)
            {
                report.Add(
                    new CheckFinding(
                        CheckRule.Marker,
                        $"{MarkerFolder}/{negotiation}",
                        "expected the marker of this ledger, got none: maintenance will not visit it"));
            }
            reports.Add(report);
        }

        return new StoreReport(reports, foreign, findKey is not null, findMediatorKey is not null);
    }

    private async ValueTask<LedgerReport?> CheckLedgerAsync(
        string negotiation, IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var head = await HeadAsync(negotiation, cancellationToken).ConfigureAwait(false);
            var names = new HashSet<string>();
            await foreach (var name in store.ListAsync(negotiation + "/", cancellationToken).ConfigureAwait(false)) names.Add(
                name[(negotiation.Length + 1)..]);
            // Staged by a process that never came to its first head: no ledger yet.
            if (head is null && names.All(name => name.StartsWith("staging/", StringComparison.Ordinal))) return null;
            var report = new LedgerReport(negotiation);
            var view = new CheckedLedger(store, negotiation, names);
            using var quorum = new QuorumCheck(view, negotiation, findMediatorKey);
            var check = new LedgerCheck(view, report, findKey, quorum);
            await check.RunAsync(
                entries => progress?.Report(new CheckProgress(negotiation, entries, report.Size)), cancellationToken).ConfigureAwait(false);
            if (report.IsClean || attempt == Attempts || head == await HeadAsync(negotiation, cancellationToken).ConfigureAwait(false))
            {
                return report;
            }
        }
    }

    private async ValueTask<string?> HeadAsync(string negotiation, CancellationToken cancellationToken) =>
        (await store.ReadAsync(negotiation + "/head", cancellationToken).ConfigureAwait(false))?.Version;
}
