using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Every kind of lie, told by the relay of <see cref="EvidenceSamples"/>.</summary>
/// <param name="samples">The relay.</param>
/// <param name="size">Entries of its trees, at least 9.</param>
/// <param name="hashes">Proofs are made as long as this, for their size alone; 0 leaves them as they are.</param>
internal sealed class EvidenceLies(EvidenceSamples samples, int size, int hashes)
{
    private static readonly Digest Elsewhere = Digest.Of([9]);

    private AcknowledgementLies Acknowledgements => new(samples, size);

    public async Task<EvidenceFile[]> OfAsync(LieKind kind)
    {
        EvidenceFile[] files = kind switch
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
            LieKind.BrokenPromise => [await ApartAsync(kind, (3, Head(1)), (3, Head(2)))],
            LieKind.LoggedTwice => [await ApartAsync(kind, (3, Head(1)), (5, Head(1))), await TogetherAsync(kind, Head(1), Head(1))],
            LieKind.BrokenOrder => [await ApartAsync(kind, (3, Head(2)), (5, Head(1))), await TogetherAsync(kind, Head(2), Head(1))],
            LieKind.BrokenChain =>
            [
                await ApartAsync(kind, (3, Head(1)), (5, Head(2))), await ApartAsync(kind, (5, Head(2)), (3, Head(1))),
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
        return hashes == 0 ? files : [.. files.Select(Lengthen)];
    }

    private static EnvelopeHead Head(int sequence) =>
        EvidenceSamples.Head(Samples.Draft(sequence) with { Previous = sequence == 1 ? null : Elsewhere });

    private static EnvelopeHead Foreign() => AcknowledgementLies.Foreign();

    private static EnvelopeHead Forbidden() => EvidenceSamples.Head(Samples.Draft() with { Audience = ["iran", "oman"] });

    private async Task<byte[]> EntryAsync(EnvelopeHead head) => (await samples.EntryAsync(head)).ToBytes();

    private async Task<EvidenceFile> ForkAsync(int smaller)
    {
        var (one, two) = (EvidenceSamples.Tree("a", smaller), EvidenceSamples.Tree("b", size));
        var (first, second) = (await samples.SignedAsync(one), await samples.SignedAsync(two));
        if (smaller == size) return EvidenceFile.Fork(first, second);
        Assert.True(MerkleProof.TryBuildConsistency(two, smaller, size, out var proof));
        return EvidenceFile.Fork(first, second, new EvidenceRoot(two.Root(smaller), proof));
    }

    private async Task<EvidenceFile> RollbackAsync()
    {
        var large = await samples.SignedAsync(EvidenceSamples.Tree("a", size));
        var small = await samples.SignedAsync(EvidenceSamples.Tree("a", size - 2), notBefore: LedgerSamples.Start.AddHours(2));
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
        var entries = Enumerable.Range(0, size).Select(i => new byte[] { (byte)i }).ToArray();
        entries[4] = (await ShownAsync(EvidenceKind.ForkSeen, Seeing(EvidenceSamples.Tree(entries).Root(3)))).ToBytes();
        var tree = EvidenceSamples.Tree(entries);
        Assert.True(MerkleProof.TryBuildConsistency(tree, 3, size, out var proof));
        return EvidenceFile.Create(LieKind.FalseEvidence, [await samples.TreeAsync(entries, [4])], new EvidenceRoot(tree.Root(3), proof));
    }

    private async Task<EvidenceFile> ApartAsync(LieKind kind, (int Index, EnvelopeHead Head) one, (int Index, EnvelopeHead Head) two) =>
        EvidenceFile.Create(
            kind,
            [
                await samples.TreeAsync(size, (one.Index, await EntryAsync(one.Head))),
                await samples.TreeAsync(size, (two.Index, await EntryAsync(two.Head))),
            ]);

    private async Task<EvidenceFile> TogetherAsync(LieKind kind, EnvelopeHead one, EnvelopeHead two) =>
        EvidenceFile.Create(kind, [await samples.TreeAsync(size, (3, await EntryAsync(one)), (5, await EntryAsync(two)))]);

    private async Task<EvidenceFile> BackwardsAsync()
    {
        var later = new HeartbeatEntry { At = LedgerSamples.Start.AddMinutes(1) };
        var earlier = new HeartbeatEntry { At = LedgerSamples.Start };
        return EvidenceFile.Create(LieKind.TimeBackwards, [await samples.TreeAsync(size, (3, later.ToBytes()), (5, earlier.ToBytes()))]);
    }

    private EvidenceFile Lengthen(EvidenceFile file) => EvidenceFile.Create(
        file.Kind,
        [.. file.Trees.Select(tree => tree with { Leaves = [.. tree.Leaves.Select(leaf => leaf with { Proof = Fill(leaf.Proof) })] })],
        file.Root is null ? null : file.Root with { Proof = Fill(file.Root.Proof) },
        file.Document,
        file.Wrap);

    private ImmutableArray<Digest> Fill(ImmutableArray<Digest> proof) =>
        [.. proof, .. Enumerable.Repeat(Elsewhere, Math.Max(0, hashes - proof.Length))];
}
