using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// Holds the documents that a ledger's entries name against the one in force where they stand: by an older one a key that was replaced
/// would speak again. One loop's alone.
/// </summary>
/// <param name="judge">Has the documents that are at hand.</param>
internal sealed class PolicyInForce(EntryJudge judge)
{
    private readonly HashSet<Digest> _toldUnknown = [];
    private PolicyEntry? _policy;

    /// <summary>A document was put in force.</summary>
    public void Take(PolicyEntry policy) => _policy = policy;

    /// <summary>The document that an entry names.</summary>
    /// <param name="policy">Its digest.</param>
    /// <param name="what">What was judged by it, such as "us#1 claimed prekeys".</param>
    /// <param name="otherwise">The kind of finding for a document that is not the one in force.</param>
    /// <param name="problem">
    /// What is wrong; <see cref="AuditKind.UnknownPolicy"/> for one that is not known here, and that is told once: null after that.
    /// </param>
    /// <returns>Null when the entry cannot be judged by it.</returns>
    public NegotiationDocument? Find(Digest policy, string what, AuditKind otherwise, out (AuditKind Kind, string Detail)? problem)
    {
        problem = null;
        if (_policy is { } inForce && inForce.Policy != policy)
        {
            problem = (otherwise, $"expected the document in force, with digest {inForce.Policy}, {what} under {policy}");
            return null;
        }
        if (_policy is not null && judge.FindDocument(policy) is { } document) return document;
        if (!_toldUnknown.Add(policy)) return null;
        problem = (AuditKind.UnknownPolicy, _policy is null
            ? $"expected a document in force before {what}, got none"
            : $"expected a negotiation document that is known here, {what} under one with digest {policy}");
        return null;
    }
}
