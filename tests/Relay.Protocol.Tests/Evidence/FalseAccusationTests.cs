using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>
/// Pairs of receipts that an honest relay gives, however they are put together, prove nothing; those that no honest relay gives do.
/// </summary>
public sealed class FalseAccusationTests : IDisposable
{
    private static readonly EnvelopeHead First = Head(Samples.Draft());
    private static readonly EnvelopeHead Second = Head(Samples.Draft(2) with { Previous = First.Digest });
    private static readonly EnvelopeHead Unchained = Head(Samples.Draft(2) with { Previous = Digest.Of([9]) });

    private readonly LedgerSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Of_HonestSuccessor_IsNoBrokenChain() => await AssertAsync(null, (1, First), (2, Second));

    [Fact]
    public async Task Of_SuccessorOfAnother_IsABrokenChainInWhicheverOrderTheyCome()
    {
        await AssertAsync(LieKind.BrokenChain, (1, First), (3, Unchained));
        await AssertAsync(LieKind.BrokenChain, (3, Unchained), (1, First));
    }

    [Fact]
    public async Task Of_EnvelopesThatAreNotNeighbours_AreNoBrokenChain()
    {
        var third = Head(Samples.Draft(3) with { Previous = Digest.Of([9]) });
        await AssertAsync(null, (1, First), (3, third));
        await AssertAsync(null, (2, Unchained), (3, Head(Samples.Draft(4))));
    }

    [Theory]
    [InlineData("oslo-2026", "us", Lane.Normal)]
    [InlineData("doha-2026", "oman", Lane.Normal)]
    [InlineData("doha-2026", "us", Lane.Urgent)]
    public async Task Of_OtherStreams_HaveNoOrderAndNoChain(string negotiation, string sender, Lane lane)
    {
        var other = Head(Samples.Draft(2) with { Id = new EnvelopeId(negotiation, sender, lane, 2), Previous = Digest.Of([9]) });
        await AssertAsync(null, (3, First), (1, other));
        await AssertAsync(null, (1, First), (3, other));
    }

    [Fact]
    public async Task Of_OneStreamOutOfOrder_IsTold()
    {
        await AssertAsync(LieKind.BrokenOrder, (3, First), (1, Second));
        await AssertAsync(LieKind.BrokenOrder, (1, Second), (3, First));
        await AssertAsync(null, (3, Second), (1, First));
    }

    [Fact]
    public async Task Of_OneEnvelopeAtTwoPlaces_IsTold()
    {
        await AssertAsync(LieKind.LoggedTwice, (1, First), (3, First));
        await AssertAsync(LieKind.LoggedTwice, (1, Second), (3, Unchained));
        await AssertAsync(null, (1, First), (1, First));
    }

    [Fact]
    public async Task Of_TwoEntriesAtOnePlace_IsToldOnlyUnderOneOrigin()
    {
        await AssertAsync(LieKind.BrokenPromise, (2, First), (2, Second));
        var (one, two) = (await ReceiptAsync(2, First), await ReceiptAsync(2, Second, "relay.example/oslo-2026"));
        Assert.Throws<ArgumentException>(() => EvidenceFile.Of(one, two));
        Assert.Throws<ArgumentException>(() => EvidenceFile.Of(two, one));
    }

    [Fact]
    public async Task Judge_OneReceiptOfAnotherRelaysKey_IsNotProved()
    {
        using var other = new LedgerSamples();
        var (mine, foreign) = (await ReceiptAsync(2, First), await ReceiptAsync(2, Second, by: other));
        Assert.Equal(EvidenceFault.BadCertificate, Judge(EvidenceFile.Of(mine, foreign)!));
        Assert.Equal(EvidenceFault.BadCertificate, Judge(EvidenceFile.Of(foreign, mine)!));
    }

    [Fact]
    public async Task Judge_OneReceiptWithAnEntryThatIsNotInItsTree_IsNotProved()
    {
        var whole = Samples.Text((await ReceiptAsync(2, First)).Bytes.Span);
        var extra = whole.Split('\n')[1];
        var foreign = Samples.Text((await ReceiptAsync(2, Second)).Bytes.Span).Split('\n')[1];
        var (honest, swapped) = (Read(whole), Read(whole.Replace(extra, foreign, StringComparison.Ordinal)));
        Assert.Equal(EvidenceFault.NotIncluded, Judge(EvidenceFile.Of(honest, swapped)!));
        Assert.Equal(EvidenceFault.NotIncluded, Judge(EvidenceFile.Of(swapped, honest)!));
    }

    [Fact]
    public async Task Judge_LargerTreeFirst_IsNotProved()
    {
        using var samples = new EvidenceSamples();
        var (five, three) = (EvidenceSamples.Tree("a", 5), EvidenceSamples.Tree("a", 3));
        Assert.True(MerkleProof.TryBuildConsistency(five, 3, 5, out var proof));
        var file = EvidenceFile.Fork(
            await samples.SignedAsync(five), await samples.SignedAsync(three), new EvidenceRoot(Digest.Of([7]), proof));
        Assert.Equal(EvidenceFault.NotConsistent, EvidenceJudge.Judge(file, samples.Inputs).Fault);
    }

    private async Task AssertAsync(LieKind? expected, (int Index, EnvelopeHead Head) one, (int Index, EnvelopeHead Head) two)
    {
        var (first, second) = (await ReceiptAsync(one.Index, one.Head), await ReceiptAsync(two.Index, two.Head));
        var file = EvidenceFile.Of(first, second);
        Assert.Equal(expected, file?.Kind);
        if (file is not null) Assert.Equal(EvidenceFault.None, Judge(file));
        // And under any other name it proves nothing.
        foreach (var kind in Enum.GetValues<LieKind>().Where(kind => kind.Leaves() == 2 && kind != expected))
        {
            var other = EvidenceFile.Create(kind, [EvidenceTree.Of(first), EvidenceTree.Of(second)]);
            Assert.Equal(EvidenceFault.ShowsNothing, Judge(other));
        }
    }

    private EvidenceFault Judge(EvidenceFile file) => EvidenceJudge.Judge(
        file, EvidenceInputs.Of(id => id.Text == _samples.Vault.KeyId ? _samples.VaultKey : null)).Fault;

    private async Task<Receipt> ReceiptAsync(int index, EnvelopeHead head, string origin = LedgerSamples.Origin, LedgerSamples? by = null)
    {
        by ??= _samples;
        var entry = MadeUp.Entry(head, Digest.Of("policy"u8), LedgerSamples.Start.AddMinutes(5), "qatar");
        var tree = new MerkleTree();
        for (var i = 0; i < 5; i++) tree.Append(i == index ? entry.LeafHash() : MerkleHash.Leaf([(byte)i]));
        var note = await by.SignAsync(new Checkpoint(origin, tree.Size, tree.Root()));
        Assert.True(MerkleProof.TryBuildInclusion(tree, index, tree.Size, out var proof));
        var certificate = await by.CertifyAsync();
        return Read(Samples.Text(Receipt.Write(entry, index, proof.AsSpan(), note, certificate)));
    }

    private static Receipt Read(string text)
    {
        Assert.True(Receipt.TryParse(Samples.Utf8(text), out var receipt, out _, out var error), error);
        return receipt;
    }

    private static EnvelopeHead Head(EnvelopeDraft draft) => SealedEnvelope.Create(draft).Head;
}
