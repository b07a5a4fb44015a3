using System.Numerics;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Every kind of lie, told by the relay of <see cref="EvidenceSamples"/>.</summary>
/// <param name="samples">The relay.</param>
/// <param name="size">Entries of its trees, at least 9. Of two that do not fit one is the fourth, and one the fourth from the end.</param>
internal sealed class EvidenceLies(EvidenceSamples samples, int size)
{
    private static readonly Digest Elsewhere = Digest.Of([9]);

    // A second tree is signed under another certificate, as it is an hour later.
    private static readonly DateTimeOffset Later = LedgerSamples.Start.AddMinutes(50);

    private AcknowledgementLies Acknowledgements => new(samples, size);

    private int Second => size - 4;

    public async Task<EvidenceFile[]> OfAsync(LieKind kind) => kind switch
    {
        LieKind.Fork => [await ForkAsync(size), await ForkAsync(size - 2)],
        LieKind.Rollback => [await RollbackAsync()],
        LieKind.UnreadableEntry => [await OneAsync(kind, [.. (await samples.EntryAsync()).ToBytes(), (byte)'x'])],
        LieKind.ForeignEntry =>
        [
            await OneAsync(kind, await EntryAsync(Foreign())),
            await OneAsync(kind, await Acknowledgements.SayAsync(Foreign(), "iran")),
            .. await new PrekeyLies(samples, size).ForeignAsync(),
        ],
        LieKind.ForbiddenEntry =>
        [
            await OneAsync(kind, await EntryAsync(Forbidden())), await OneAsync(kind, await EntryAsync(Foreign())),
            await OneAsync(kind, await EntryAsync(Forbidden()), withDocument: true),
            await new PrekeyLies(samples, size).ForbiddenAsync(),
        ],
        LieKind.NoQuorum =>
        [
            await OneAsync(kind, (await samples.EntryAsync(mediators: ["qatar"])).ToBytes()),
            await OneAsync(kind, (await samples.EntryAsync(mediators: ["qatar", "oman"])).ToBytes()),
            await OneAsync(kind, (await samples.EntryAsync(mediators: ["oman", "qatar", "qatar"])).ToBytes()),
            await OneAsync(kind, (await samples.EntryAsync(mediators: ["oman", "swiss"])).ToBytes(), withDocument: true),
        ],
        LieKind.LateEntry => [await OneAsync(kind, (await samples.EntryAsync(minutes: 61)).ToBytes())],
        LieKind.FalseEvidence => [await OneAsync(kind, await MadeUpAsync()), await FalseForkAsync()],
        LieKind.BrokenPromise => [await ApartAsync(kind, (3, Head(1)), (3, Head(2))), await RewrittenAsync(kind, Head(1), Head(2))],
        LieKind.LoggedTwice => [await ApartAsync(kind, (3, Head(1)), (Second, Head(1))), await TogetherAsync(kind, Head(1), Head(1))],
        LieKind.BrokenOrder => [await ApartAsync(kind, (3, Head(2)), (Second, Head(1))), await TogetherAsync(kind, Head(2), Head(1))],
        LieKind.BrokenChain =>
        [
            await ApartAsync(kind, (3, Head(1)), (Second, Head(2))), await ApartAsync(kind, (Second, Head(2)), (3, Head(1))),
            await TogetherAsync(kind, Head(1), Head(2)),
        ],
        LieKind.TimeBackwards => [await BackwardsAsync()],
        LieKind.ForgedAcknowledgement => await Acknowledgements.ForgedAsync(),
        LieKind.FalseAcknowledgement => await Acknowledgements.FalseAsync(),
        LieKind.AcknowledgedTwice => await Acknowledgements.TwiceAsync(),
        LieKind.PrekeyTwice => await new PrekeyLies(samples, size).TwiceAsync(),
        LieKind.BrokenPrekeys => await new PrekeyLies(samples, size).BrokenAsync(),
        LieKind.ForgedPrekeys => await new PrekeyLies(samples, size).ForgedAsync(),
        LieKind.Accusation =>
        [
            await OneAsync(kind, (await ShownAsync(EvidenceKind.Equivocation, Head(1), Other())).ToBytes()),
            await OneAsync(kind, (await ShownAsync(EvidenceKind.BrokenChain, Head(1), Head(2))).ToBytes()),
            await OneAsync(kind, (await ShownAsync(EvidenceKind.ForkSeen, Seeing(Elsewhere))).ToBytes(), withDocument: true),
        ],
        LieKind.WrongWrap => await new WrapLies(samples).MakeAsync(size),
    };

    private static EnvelopeHead Head(int sequence) =>
        EvidenceSamples.Head(Samples.Draft(sequence) with { Previous = sequence == 1 ? null : Elsewhere });

    private static EnvelopeHead Foreign() => AcknowledgementLies.Foreign();

    private static EnvelopeHead Forbidden() => EvidenceSamples.Head(Samples.Draft() with { Audience = ["iran", "oman"] });

    private async Task<byte[]> EntryAsync(EnvelopeHead head) => (await samples.EntryAsync(head)).ToBytes();

    private async Task<EvidenceFile> ForkAsync(int smaller)
    {
        var (one, two) = (new ChangedTree(size), new ChangedTree(size, (0, Elsewhere)));
        var (first, second) = (await SignedAsync(one, smaller), await SignedAsync(two, size, Later));
        if (smaller == size) return EvidenceFile.Fork(first, second);
        Assert.True(MerkleProof.TryBuildConsistency(two, smaller, size, out var proof));
        return EvidenceFile.Fork(first, second, new EvidenceRoot(two.Root(smaller), proof));
    }

    private async Task<EvidenceFile> RollbackAsync()
    {
        var tree = new ChangedTree(size);
        var (large, small) = (await SignedAsync(tree, size), await SignedAsync(tree, size - 2, LedgerSamples.Start.AddHours(2)));
        return EvidenceFile.Create(LieKind.Rollback, [new(large, []), new(small, [])]);
    }

    private async Task<EvidenceFile> OneAsync(LieKind kind, byte[] entry, bool withDocument = false) => EvidenceFile.Create(
        kind, [await samples.TreeAsync(size, (4, entry))], null, withDocument ? samples.Document.Bytes : default);

    // Evidence of an equivocation whose two heads are one.
    private async Task<byte[]> MadeUpAsync()
    {
        var shown = await ShownAsync(EvidenceKind.Equivocation, Head(1), Other());
        var lines = Samples.Text(shown.ToBytes()).Split('\n');
        return Samples.Utf8(string.Join('\n', [.. lines[..3], .. lines[3..7], .. lines[3..7], ""]));
    }

    private async Task<EvidenceEntry> ShownAsync(EvidenceKind kind, params EnvelopeHead[] heads)
    {
        var judged = new List<JudgedHead>();
        foreach (var head in heads) judged.Add(await samples.JudgedAsync(head, "oman", "qatar"));
        return new EvidenceEntry { Shows = kind, Heads = [.. judged], At = LedgerSamples.Start };
    }

    private static EnvelopeHead Seeing(Digest root) => EvidenceSamples.Head(Samples.Draft() with { Seen = new SeenCheckpoint(3, root) });

    private static EnvelopeHead Other() => EvidenceSamples.Head(Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) });

    private async Task<EvidenceFile> FalseForkAsync()
    {
        var shown = (await ShownAsync(EvidenceKind.ForkSeen, Seeing(new ChangedTree(size).Root(3)))).ToBytes();
        var tree = new ChangedTree(size, (4, MerkleHash.Leaf(shown)));
        Assert.True(MerkleProof.TryBuildConsistency(tree, 3, size, out var proof));
        return EvidenceFile.Create(
            LieKind.FalseEvidence, [await samples.TreeAsync(size, (4, shown))], new EvidenceRoot(tree.Root(3), proof));
    }

    private Task<SignedCheckpoint> SignedAsync(ChangedTree tree, int at, DateTimeOffset? notBefore = null) =>
        samples.SignedAsync(new Checkpoint(LedgerSamples.Origin, at, tree.Root(at)), notBefore);

    private async Task<EvidenceFile> ApartAsync(LieKind kind, (int Index, EnvelopeHead Head) one, (int Index, EnvelopeHead Head) two) =>
        EvidenceFile.Create(
            kind,
            [
                await samples.TreeAsync(size, (one.Index, await EntryAsync(one.Head))),
                await samples.TreeAsync(size, Later, (two.Index, await EntryAsync(two.Head))),
            ]);

    // All of the ledger is another, so that not one hash of the second proof is in the first.
    private async Task<EvidenceFile> RewrittenAsync(LieKind kind, EnvelopeHead one, EnvelopeHead two)
    {
        var others = Enumerable.Range(0, BitOperations.Log2((uint)size)).Select(level => ((3 >> level ^ 1) << level, new byte[] { 1 }));
        var rewritten = await samples.TreeAsync(size, Later, [(3, await EntryAsync(two)), .. others]);
        return EvidenceFile.Create(
            kind, [await samples.TreeAsync(size, (3, await EntryAsync(one))), rewritten with { Leaves = [rewritten.Leaves[0]] }]);
    }

    private async Task<EvidenceFile> TogetherAsync(LieKind kind, EnvelopeHead one, EnvelopeHead two) =>
        EvidenceFile.Create(kind, [await samples.TreeAsync(size, (3, await EntryAsync(one)), (Second, await EntryAsync(two)))]);

    private async Task<EvidenceFile> BackwardsAsync()
    {
        var later = new HeartbeatEntry { At = LedgerSamples.Start.AddMinutes(1) };
        var earlier = new HeartbeatEntry { At = LedgerSamples.Start };
        var tree = await samples.TreeAsync(size, (3, later.ToBytes()), (Second, earlier.ToBytes()));
        return EvidenceFile.Create(LieKind.TimeBackwards, [tree]);
    }
}
