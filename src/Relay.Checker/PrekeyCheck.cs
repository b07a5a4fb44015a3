using System.Globalization;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Holds bundles and claims of prekeys against those before them: each goes on where the one before in its delegation's chain ended, no
/// key is given twice and none is passed over, and who signed is who had to.
/// </summary>
internal sealed class PrekeyCheck(CheckedLedger view, LedgerReport report, QuorumCheck quorum)
{
    private readonly SortedDictionary<string, Chain> _chains = new(StringComparer.Ordinal);

    /// <summary>A bundle or a claim was logged.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="entry">What it says.</param>
    /// <param name="hasGaps">Entries before it could not be read: what is missing may be among them.</param>
    /// <param name="blob">Where it was read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask NextAsync(long index, CheckedEntry entry, bool hasGaps, string blob, CancellationToken cancellationToken)
    {
        var read = entry.Prekeys!;
        var isBundle = entry.Kind == CheckedEntry.PrekeysKind;
        if (isBundle) report.Bundles++;
        else report.Claims++;
        void Add(string problem) => report.Add(new CheckFinding(CheckRule.Prekeys, blob, problem, index, index));
        if (await FindFaultAsync(read.Jws, entry.Policy, cancellationToken).ConfigureAwait(false) is { } fault) Add(fault);
        if (!_chains.TryGetValue(read.Delegation, out var chain)) _chains[read.Delegation] = chain = new Chain();
        if (!hasGaps && chain.FindFault(read, isBundle) is { } problem) Add(problem);
        chain.Take(index, read, isBundle);
    }

    /// <summary>What the head says of the bundles, and who has which keys, as the relay finds it again.</summary>
    public async ValueTask CheckStateAsync(CheckedHead head, CancellationToken cancellationToken)
    {
        foreach (var (delegation, chain) in _chains)
        {
            var said = head.Prekeys.GetValueOrDefault(delegation);
            if (said is null || said with { Rows = 0, Claims = default } != chain.State)
            {
                report.Add(new CheckFinding(CheckRule.Head, "head", $"expected the prekeys of {delegation} as in the entries, got others"));
                continue;
            }
            await CheckPageAsync(delegation, said, chain, cancellationToken).ConfigureAwait(false);
        }
        foreach (var delegation in head.Prekeys.Keys.Where(delegation => !_chains.ContainsKey(delegation)))
        {
            report.Add(new CheckFinding(CheckRule.Head, "head", $"expected no prekeys of {delegation}, got some"));
        }
    }

    private async ValueTask CheckPageAsync(string delegation, CheckedHead.PrekeyItem said, Chain chain, CancellationToken cancellationToken)
    {
        var (content, rows) = chain.Page();
        var path = string.Create(CultureInfo.InvariantCulture, $"claims/{delegation}/{said.Entry:D8}.p/{rows}");
        if (said.Rows != rows || said.Claims != (rows == 0 ? default : Digest.Of(content)))
        {
            report.Add(new CheckFinding(CheckRule.Head, "head", $"expected {rows} keys of {delegation} handed out, got others"));
            return;
        }
        if (rows == 0) return;
        var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var problem = read.Problem;
        if (problem is null && !read.Content.Span.SequenceEqual(content))
        {
            problem = "expected who has which keys as in the entries, got others";
        }
        if (problem is not null) report.Add(new CheckFinding(CheckRule.Prekeys, path, problem));
    }

    private async ValueTask<string?> FindFaultAsync(CheckedJws jws, Digest policy, CancellationToken cancellationToken)
    {
        // What is wrong with the document is told of its blob.
        if (await quorum.FindPolicyAsync(policy, cancellationToken).ConfigureAwait(false) is not ({ } document, _)) return null;
        if (!document.Identities.TryGetValue(jws.KeyId, out var key))
        {
            return $"expected an identity key of the document in force, got {jws.KeyId}";
        }
        return jws.IsSignedBy(key) ? null : $"expected a signature by {jws.KeyId}, got one that does not verify";
    }

    // The bundle in force of one delegation, and who has keys of it and of the one before.
    private sealed class Chain
    {
        private readonly List<(long Index, string Id)> _rows = [];
        private long _before;
        private long _end = 1;

        public CheckedHead.PrekeyItem? State { get; private set; }

        public string? FindFault(CheckedPrekeys read, bool isBundle)
        {
            if (read.Previous != (State?.Last ?? 0)) return $"expected to go on from entry {State?.Last ?? 0}, got {read.Previous}";
            if (isBundle)
            {
                if (read.Number <= (State?.Number ?? 0)) return $"expected a bundle above {State!.Number}, got {read.Number}";
                return read.Count > 0 && read.First < _end ? $"expected one-time keys from {_end} on, got {read.First}" : null;
            }
            if (State is null) return $"expected a bundle of {read.Delegation} before a claim, got none";
            if ((read.Number, read.Bundle) != (State.Number, State.Bundle))
            {
                return $"expected keys of bundle {State.Number}, got {read.Number}";
            }
            if (read.Count > 0 && read.First != _end - State.Left) return $"expected key {_end - State.Left} next, got {read.First}";
            if (read.Left != State.Left - read.Count) return $"expected {State.Left - read.Count} keys left, got {read.Left}";
            var has = _rows.Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
            return read.Envelopes.FirstOrDefault(one => has.Contains(one.Id) != (one.Mark == 'r')) is { Id: { } id }
                ? $"expected a key once for each envelope, got {id} as {(has.Contains(id) ? "new" : "known")}"
                : null;
        }

        public void Take(long index, CheckedPrekeys read, bool isBundle)
        {
            if (isBundle)
            {
                _rows.RemoveAll(row => row.Index < (State?.Entry ?? 0));
                _before = State?.Entry ?? 0;
                var first = read.Count == 0 ? _end : read.First;
                _end = first + read.Count;
                State = new(read.Number, read.Bundle, first, read.Count, read.Left, index, index, 0, default);
                return;
            }
            if (State is null || read.Count == 0) return;
            _rows.AddRange(read.Envelopes.Where(one => one.Mark == 'n').Select(one => (index, one.Id)));
            State = State with { Left = read.Left, Last = index };
        }

        public (byte[] Content, int Rows) Page()
        {
            var previous = _rows.Exists(row => row.Index < State!.Entry) ? _before : 0;
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{previous}\n");
            foreach (var (index, id) in _rows) text.Append(CultureInfo.InvariantCulture, $"{index} {id}\n");
            return (Encoding.ASCII.GetBytes(text.ToString()), _rows.Count);
        }
    }
}
