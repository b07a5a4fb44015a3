using System.Globalization;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.LyingRelay.Serving;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Lies;

/// <summary>A ledger that was another before, or is another for somebody else.</summary>
internal static class HistoryLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.EntryChangedLater] = new("puts something else in the place of an entry, once its receipt is out")
        {
            Later = static telling => telling.RewriteAsync(WithoutThird(telling.Entries())),
        },
        [LieKind.EntryRemovedLater] = new("takes the newest entry back: the size goes down by one")
        {
            Later = static telling => telling.RewriteAsync(telling.Entries()[..^1]),
        },
        [LieKind.EntryRemovedByALaterKey] = new("takes the newest entry back, once the key that signed the larger tree has ended")
        {
            Write = static (_, _) => Task.CompletedTask,
            KeyBegins = TimeSpan.FromMinutes(-50),
            Later = static telling => telling.RewriteAsync(telling.Entries()[..^1], Company.Epoch.AddMinutes(15)),
        },
        [LieKind.LedgerErasedLater] = new("says that it never had a ledger of this negotiation")
        {
            Later = static telling =>
            {
                telling.Store = new MemoryLedgerStore();
                return Task.CompletedTask;
            },
        },
        [LieKind.HistoryRewrittenAndGoneOn] = new("rewrites an entry and goes on from there, with more entries than it ever had")
        {
            Later = static telling => telling.RewriteAsync([.. WithoutThird(telling.Entries()), Heartbeat(telling), Heartbeat(telling)]),
        },
        [LieKind.OlderCheckpointToOne] = new("shows one delegation the ledger as it was some entries ago")
        {
            Later = static async telling =>
            {
                var older = await telling.ForgeAsync(telling.Entries()[..^3]);
                telling.ShownTo["iran"] = older.Store;
            },
        },
        [LieKind.TransientFork] = new("signs one checkpoint of another tree, for one receipt, and is honest before and after")
        {
            Forward = static (telling, deliveries) => ForkReceiptAsync(telling, deliveries, 0),
        },
        [LieKind.TransientForkAtOneSize] = new("signs another tree of a size that it has signed before, for one receipt")
        {
            Forward = static (telling, deliveries) => ForkReceiptAsync(telling, deliveries, 1),
        },
        [LieKind.ForkPerParty] = new("keeps a second ledger for one delegation, and is consistent in each")
        {
            Write = static (_, _) => Task.CompletedTask,
            Forward = static async (telling, deliveries) =>
            {
                telling.Fork ??= await telling.ForgeAsync(WithoutFirstOfIran(telling));
                telling.ShownTo["us"] = telling.Fork.Store;
                telling.ShownTo[Company.Outsider] = telling.Fork.Store;
                foreach (var delivery in deliveries.Where(delivery => delivery.To == "us"))
                {
                    var index = telling.Fork.IndexOf(delivery.Said.Digest);
                    delivery.Receipt = await telling.Fork.ReceiptAsync(index);
                }
            },
        },
        [LieKind.PrivateTree] = new("gives a receipt out of a tree that nobody else is ever shown")
        {
            Take = static (_, envelope) => Task.FromResult(envelope.Id.ToString().EndsWith("us/normal/7", StringComparison.Ordinal)
                ? null
                : envelope),
            Forward = static async (telling, deliveries) =>
            {
                if (telling.Fork is not null) return;
                var tail = telling.Said("us/normal/7");
                telling.Fork = await telling.ForgeAsync([.. telling.Entries(), EntryOf(telling, tail)]);
                var receipt = await telling.Fork.ReceiptAsync(telling.Fork.IndexOf(tail.Digest));
                deliveries.Add(new Delivery("iran", tail) { Receipt = receipt });
            },
        },
    };

    // What iran says to us stands elsewhere, so that both trees differ from an entry on that us has.
    private static List<byte[]> WithoutFirstOfIran(Telling telling)
    {
        var entries = telling.Ledger!.Entries.ToList();
        var at = EntryText.Find(entries, "iran/normal/1");
        entries.Insert(at, EntryText.Join(["relay/heartbeat/v1", EntryText.Lines(entries[at])[EntryText.Time]]));
        return entries;
    }

    private static byte[] EntryOf(Telling telling, Protocol.Envelopes.Envelope envelope)
    {
        var judged = new Protocol.Ledger.JudgedHead(
            telling.Company.Document.PolicyDigest, envelope.SignedBy(Enumerable.Range(0, envelope.Signatures.Length)));
        return new Protocol.Ledger.EnvelopeEntry { Judged = judged, At = envelope.Head.IssuedAt.AddSeconds(1) }.ToBytes();
    }

    private static List<byte[]> WithoutThird(List<byte[]> entries)
    {
        var at = EntryText.Find(entries, "us/normal/3");
        entries[at] = EntryText.Join(["relay/heartbeat/v1", EntryText.Lines(entries[at])[EntryText.Time]]);
        return entries;
    }

    private static byte[] Heartbeat(Telling telling) =>
        EntryText.Join(["relay/heartbeat/v1", EntryText.Lines(telling.Entries()[^1])[EntryText.Time]]);

    // The fork holds the envelope too, so that its receipt is good but for the tree.
    private static async Task ForkReceiptAsync(Telling telling, List<Delivery> deliveries, int more)
    {
        if (telling.Fork is not null) return;
        var entries = telling.Entries();
        entries[2] = EntryText.Join(
            ["relay/heartbeat/v1", EntryText.Lines(entries[2])[EntryText.Time].ToString(CultureInfo.InvariantCulture)]);
        telling.Fork = await telling.ForgeAsync(entries);
        var delivery = deliveries.First(delivery => delivery is { To: "iran", Name: "us/normal/3" });
        var index = telling.Fork.IndexOf(delivery.Said.Digest);
        // The next of iran's has this size as well; the size between is nobody else's.
        delivery.Receipt = await telling.Fork.ReceiptAsync(index, index + 2 + more);
    }
}
