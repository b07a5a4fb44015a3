using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Lies;

/// <summary>Evidence entries that show nothing, or that the relay has made up.</summary>
internal static class AccusationLies
{
    private static readonly EnvelopeId Next = new(Company.Negotiation, "us", Lane.Normal, 8);

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.FalseEquivocation] = new("accuses a sender of equivocation with one and the same envelope twice")
        {
            Write = static (telling, entries) => AccuseAsync(telling, entries, "equivocation", ["us/normal/3", "us/normal/3"]),
        },
        [LieKind.ForgedEquivocation] = new("accuses a sender of equivocation with a second envelope that it made itself")
        {
            Write = static async (telling, entries) =>
            {
                var id = telling.Said("us/normal/3").Id;
                var stranger = telling.Company.KeyOf(Company.Stranger);
                var made = await Company.MakeAsync(id, ["iran"], telling.Said("us/normal/2").Digest, null, _ => stranger);
                telling.Known[made.Digest] = made.Wire;
                Accuse(telling, entries, "equivocation", [telling.Said("us/normal/3"), made]);
            },
        },
        [LieKind.FalseBrokenChain] = new("accuses a sender of a broken chain with an honest successor")
        {
            Write = static (telling, entries) => AccuseAsync(telling, entries, "broken-chain", ["us/normal/2", "us/normal/3"]),
        },
        [LieKind.FalseForkSeen] = new("accuses a sender of having seen a fork, with an envelope that has seen this very ledger")
        {
            Write = static async (telling, entries) =>
            {
                var tree = new MerkleTree();
                foreach (var entry in entries) tree.Append(MerkleHash.Leaf(entry));
                var seen = new SeenCheckpoint(5, tree.Root(5));
                var made = await Company.MakeAsync(Next, ["iran"], telling.Said("us/normal/7").Digest, seen, telling.Company.KeyOf);
                telling.Known[made.Digest] = made.Wire;
                Accuse(telling, entries, "fork-seen", [made]);
            },
        },
    };

    private static Task AccuseAsync(Telling telling, List<byte[]> entries, string kind, string[] names)
    {
        Accuse(telling, entries, kind, [.. names.Select(telling.Said)]);
        return Task.CompletedTask;
    }

    private static void Accuse(Telling telling, List<byte[]> entries, string kind, IReadOnlyList<Envelope> heads)
    {
        var at = EntryText.Lines(entries[^1])[EntryText.Time];
        var lines = new List<string> { "relay/evidence/v2", at, kind };
        foreach (var envelope in heads)
        {
            var signed = envelope.SignedBy(Enumerable.Range(0, envelope.Signatures.Length));
            var entry = new EnvelopeEntry
            {
                Judged = new JudgedHead(telling.Company.Document.PolicyDigest, signed),
                At = Company.Epoch,
            };
            lines.AddRange(EntryText.Lines(entry.ToBytes())[EntryText.Policy..]);
        }

        entries.Add(EntryText.Join(lines));
    }
}
