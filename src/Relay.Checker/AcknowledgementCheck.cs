using System.Buffers.Binary;
using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Holds acknowledgements against the entries before them: an envelope that is there, by one of its addressees, signed by an identity
/// key of the document in force, and once.
/// </summary>
internal sealed class AcknowledgementCheck(CheckedLedger view, LedgerReport report, QuorumCheck quorum)
{
    // Audiences by stream and sequence; one list for all envelopes to the same delegations.
    private readonly Dictionary<string, List<IReadOnlyList<string>?>> _audiences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _lists = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Index, string State)> _said = new(StringComparer.Ordinal);

    /// <summary>An envelope was logged.</summary>
    public void Next(CheckedSignedHead head)
    {
        if (!_audiences.TryGetValue(head.Stream, out var audiences)) _audiences[head.Stream] = audiences = [];
        if (head.Sequence <= audiences.Count || head.Sequence > int.MaxValue) return;
        while (audiences.Count < head.Sequence - 1) audiences.Add(null);
        var text = string.Join(',', head.Audience);
        if (!_lists.TryGetValue(text, out var list)) _lists[text] = list = head.Audience;
        audiences.Add(list);
    }

    /// <summary>An acknowledgement was logged.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="said">What it says.</param>
    /// <param name="envelope">Digest of the envelope that the ledger has under its id; null when it has none.</param>
    /// <param name="policy">Digest of the document that its entry names.</param>
    /// <param name="hasGaps">Entries before it could not be read: what is missing may be among them.</param>
    /// <param name="blob">Where it was read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask NextAsync(
        long index,
        CheckedAcknowledgement said,
        Digest? envelope,
        Digest policy,
        bool hasGaps,
        string blob,
        CancellationToken cancellationToken)
    {
        report.Acknowledgements++;
        void Add(string problem) => report.Add(new CheckFinding(CheckRule.Acknowledgement, blob, problem, index, index));
        var audience = said.Sequence <= (_audiences.GetValueOrDefault(said.Stream)?.Count ?? 0)
            ? _audiences[said.Stream][(int)said.Sequence - 1]
            : null;
        if (envelope is null || audience is null)
        {
            if (!hasGaps) Add($"expected an acknowledgement of an envelope before it, got one of {said.Id}");
        }
        else if (envelope != said.Digest) Add($"expected digest {envelope} of {said.Id}, got {said.Digest}");
        else if (!audience.Contains(said.Delegation)) Add($"expected an addressee of {said.Id}, got {said.Delegation}");
        if (!hasGaps && await FindFaultAsync(said, policy, cancellationToken).ConfigureAwait(false) is { } fault) Add(fault);
        var key = string.Create(CultureInfo.InvariantCulture, $"{said.Stream}/{said.Sequence}-{said.Delegation}");
        if (_said.TryAdd(key, (index, said.State))) return;
        var (first, state) = _said[key];
        Add($"expected {said.Delegation} to acknowledge {said.Id} once, as {state} in entry {first}, got {said.State}");
    }

    /// <summary>Where each is, as the relay finds it again.</summary>
    public async ValueTask CheckIndexAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, (index, _)) in _said)
        {
            var path = "acknowledged/" + key;
            var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            var problem = read.Problem;
            if (problem is null
                && (read.Content.Length != sizeof(long) || BinaryPrimitives.ReadInt64BigEndian(read.Content.Span) != index))
            {
                problem = $"expected index {index} of that acknowledgement, got another";
            }
            if (problem is not null) report.Add(new CheckFinding(CheckRule.Acknowledgement, path, problem));
        }
    }

    private async ValueTask<string?> FindFaultAsync(CheckedAcknowledgement said, Digest policy, CancellationToken cancellationToken)
    {
        // What is wrong with the document is told of its blob.
        if (await quorum.FindPolicyAsync(policy, cancellationToken).ConfigureAwait(false) is not ({ } document, _)) return null;
        if (!document.Identities.TryGetValue(said.KeyId, out var key))
        {
            return $"expected an identity key of the document in force, got {said.KeyId}";
        }
        return said.IsSignedBy(key) ? null : $"expected a signature by {said.KeyId}, got one that does not verify";
    }
}
