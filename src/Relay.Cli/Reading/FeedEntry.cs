using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Reading;

/// <summary>An entry of a ledger with the document that it was judged by.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Document">The document of its last head; null for entries without one, and where the relay does not show it.</param>
internal sealed record FeedEntry(long Index, LedgerEntry Entry, NegotiationDocument? Document)
{
    /// <summary>
    /// Weight of the mediators whose signatures are in it, each once, and what the quorum needs; null without a head or document.
    /// </summary>
    public (int Weight, int Quorum)? Weight
    {
        get
        {
            if (Document is null || Entry.JudgedHeads.IsEmpty) return null;
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var signature in Entry.JudgedHeads[^1].Signed.Signatures)
            {
                if (Document.TryFindMediator(signature.Key, out var mediator)) names.Add(mediator.Name);
            }
            return (names.Sum(name => Document.Mediators[name].Weight), Document.Quorum.Quorum);
        }
    }
}
