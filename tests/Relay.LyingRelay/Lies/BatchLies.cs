using System.Collections.Immutable;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.LyingRelay.Lies;

/// <summary>One signature of a mediator over several envelopes, and what a relay may make of it.</summary>
internal static class BatchLies
{
    private const string One = "us/normal/3";
    private const string Other = "us/normal/2";

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.HonestBatch] = new("tells no lie, and its mediators have signed two envelopes at once")
        {
            IsHonest = true,
            Write = static async (telling, entries) =>
            {
                var signed = await SignAsync(telling);
                Replace(entries, One, Lines(entries, One, signed[0]));
                Replace(entries, Other, Lines(entries, Other, signed[1]));
            },
        },
        [LieKind.BatchSignatureOfAnother] = new("logs an envelope with the places in their batches that mediators gave another")
        {
            Write = static async (telling, entries) =>
            {
                var signed = await SignAsync(telling);
                Replace(entries, One, Lines(entries, Other, signed[1]));
            },
        },
    };

    // All of the mediators, in the order of an entry, each of them both.
    private static async Task<ImmutableArray<SignedHead>> SignAsync(Telling telling)
    {
        ImmutableArray<SignedHead> signed = [];
        foreach (var mediator in Company.Mediators.Order(StringComparer.Ordinal))
        {
            using var signer = new LocalSigner(telling.Company.KeyOf(mediator));
            signed = signed.IsEmpty
                ? await HeadBatch.SignAsync([telling.Said(One).Head, telling.Said(Other).Head], signer, CancellationToken.None)
                : await HeadBatch.SignAsync(signed, signer, CancellationToken.None);
        }
        return signed;
    }

    // The signatures' lines of an entry.
    private static List<string> Lines(List<byte[]> entries, string name, SignedHead signed)
    {
        var old = EntryText.Envelope(entries[EntryText.Find(entries, name)])!;
        var made = new EnvelopeEntry { Judged = new JudgedHead(old.Policy, signed), At = old.At };
        return EntryText.Lines(made.ToBytes())[EntryText.Signatures..];
    }

    private static void Replace(List<byte[]> entries, string name, List<string> signatures) =>
        EntryText.Edit(entries, EntryText.Find(entries, name), lines => lines.ReplaceSignatures(signatures));
}
