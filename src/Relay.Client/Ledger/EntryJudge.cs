using System.Collections.Frozen;
using Relay.Client.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// Judges again what the relay judged: whether an entry's signatures reach the quorum of the document that it names. Nothing of it
/// is the relay's word. Safe for concurrent use.
/// </summary>
/// <param name="documents">
/// The negotiation's documents, from a source that the caller trusts: one that the relay alone vouches for is not among them.
/// </param>
/// <param name="keys">Where mediators' public keys come from.</param>
public sealed class EntryJudge(IEnumerable<NegotiationDocument> documents, IMediatorKeys keys)
{
    private readonly QuorumVerifier _quorum = new(keys);
    private readonly FrozenDictionary<Digest, NegotiationDocument> _documents =
        documents.DistinctBy(document => document.PolicyDigest).ToFrozenDictionary(document => document.PolicyDigest);

    /// <summary>Where mediators' public keys come from.</summary>
    internal IMediatorKeys Keys => keys;

    /// <summary>The negotiation's documents that are at hand.</summary>
    internal IReadOnlyCollection<NegotiationDocument> Documents => _documents.Values;

    /// <summary>Judges an envelope's entry: its signatures, and that it is dated when it could have been accepted.</summary>
    /// <returns>As the other.</returns>
    public async ValueTask<(AuditKind Kind, string Detail)?> JudgeAsync(EnvelopeEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.IsInTime(out var detail)
            ? await JudgeAsync(entry.Judged, entry.At, cancellationToken).ConfigureAwait(false)
            : (AuditKind.BadEntry, detail);
    }

    /// <summary>The document of this digest; null when it is not known here.</summary>
    public NegotiationDocument? FindDocument(Digest policy) => _documents.GetValueOrDefault(policy);

    /// <summary>Judges a head that an entry says was accepted.</summary>
    /// <param name="judged">The head, its signatures, and the document that they count by.</param>
    /// <param name="at">The entry's time: a key that was good then is, whatever became of it since.</param>
    /// <param name="cancellationToken">Ends the look-ups.</param>
    /// <returns>Null when it holds; else what is wrong, and in a sentence what was expected and what came.</returns>
    public async ValueTask<(AuditKind Kind, string Detail)?> JudgeAsync(
        JudgedHead judged, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(judged);
        var head = judged.Head;
        if (!_documents.TryGetValue(judged.Policy, out var document))
        {
            return (
                AuditKind.UnknownPolicy,
                $"expected a negotiation document that is known here, {head.Id} was judged by one with digest {judged.Policy}");
        }
        if (!judged.IsAllowedBy(document, out var forbidden)) return (AuditKind.NoQuorum, forbidden);
        var quorum = await _quorum.VerifyAsync(judged.Signed.Signatures, document, at, cancellationToken).ConfigureAwait(false);
        return CheckRows(judged, quorum);
    }

    private static (AuditKind, string)? CheckRows(JudgedHead judged, QuorumResult quorum)
    {
        var id = judged.Head.Id;
        return quorum.AsLogged() switch
        {
            LoggedQuorum.Holds => null,
            LoggedQuorum.NotProved => (AuditKind.NotProved, $"{id}: {quorum.Explain()}"),
            LoggedQuorum.Missed => (AuditKind.NoQuorum, quorum.Reached
                ? $"expected only signatures that count with {id}: {quorum.Explain()}"
                : $"{id}: {quorum.Explain()}"),
            LoggedQuorum.OutOfOrder => (
                AuditKind.BadEntry, $"expected the signatures over {id} by mediator name, got {Names(quorum)}"),
        };
    }

    private static string Names(QuorumResult quorum) =>
        string.Join(", ", quorum.Rows.Select(row => row.Finding.Mediator).OfType<string>());
}
