using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Ledger;

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
    public async Task Check_HonestSuccessor_IsNoBrokenChain() =>
        Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (2, Second), Second));

    [Fact]
    public async Task Check_SuccessorOfAnother_IsABrokenChain()
    {
        Assert.Equal(ContradictionKind.ChainBroken, await CheckAsync((1, First), (3, Unchained), Unchained));
        Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (3, Unchained), null));
    }

    [Fact]
    public async Task Check_ForeignHeadBesideHonestReceipts_ProvesNothing()
    {
        EnvelopeHead[] foreign =
        [
            Unchained,
            First,
            Head(
                Samples.Draft(2) with { Id = Samples.FirstId with { Negotiation = "oslo-2026", Sequence = 2 }, Previous = Digest.Of([9]) }),
            Head(Samples.Draft(2) with { Id = Samples.FirstId with { Sender = "iran", Sequence = 2 }, Audience = ["us"] }),
        ];
        foreach (var head in foreign) Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (2, Second), head));
    }

    [Fact]
    public async Task Check_EnvelopesThatAreNotNeighbours_AreNoBrokenChain()
    {
        var third = Head(Samples.Draft(3) with { Previous = Digest.Of([9]) });
        Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (3, third), third));
        Assert.Equal(ContradictionKind.None, await CheckAsync((2, Unchained), (1, First), First));
    }

    [Theory]
    [InlineData("oslo-2026", "us", Lane.Normal)]
    [InlineData("doha-2026", "oman", Lane.Normal)]
    [InlineData("doha-2026", "us", Lane.Urgent)]
    public async Task Check_OtherStreams_HaveNoOrderAndNoChain(string negotiation, string sender, Lane lane)
    {
        var other = Head(Samples.Draft(2) with { Id = new EnvelopeId(negotiation, sender, lane, 2), Previous = Digest.Of([9]) });
        Assert.Equal(ContradictionKind.None, await CheckAsync((3, First), (1, other), other));
        Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (3, other), other));
    }

    [Fact]
    public async Task Check_OneStreamOutOfOrder_IsTold()
    {
        Assert.Equal(ContradictionKind.OrderBroken, await CheckAsync((3, First), (1, Second), null));
        Assert.Equal(ContradictionKind.OrderBroken, await CheckAsync((1, Second), (3, First), null));
        Assert.Equal(ContradictionKind.None, await CheckAsync((3, Second), (1, First), null));
    }

    [Fact]
    public async Task Check_OneEnvelopeAtTwoPlaces_IsTold()
    {
        Assert.Equal(ContradictionKind.LoggedTwice, await CheckAsync((1, First), (3, First), null));
        Assert.Equal(ContradictionKind.None, await CheckAsync((1, First), (1, First), null));
    }

    [Fact]
    public async Task Check_TwoEntriesAtOnePlace_IsToldOnlyUnderOneOrigin()
    {
        Assert.Equal(ContradictionKind.OtherEntryAtIndex, await CheckAsync((2, First), (2, Second), null));
        var (one, two) = (await ReceiptAsync(2, First), await ReceiptAsync(2, Second, "relay.example/oslo-2026"));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(one, two, null)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(two, one, null)));
    }

    [Fact]
    public async Task Check_OneReceiptOfAnotherRelaysKey_ProvesNothing()
    {
        using var other = new LedgerSamples();
        var (mine, foreign) = (await ReceiptAsync(2, First), await ReceiptAsync(2, Second, by: other));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(mine, foreign, null)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(foreign, mine, null)));
    }

    [Fact]
    public async Task Check_OneReceiptWithAnEntryThatIsNotInItsTree_ProvesNothing()
    {
        var whole = Samples.Text(await ReceiptAsync(2, First));
        var extra = whole.Split('\n')[1];
        var foreign = Samples.Text(await ReceiptAsync(2, Second)).Split('\n')[1];
        var swapped = Samples.Utf8(whole.Replace(extra, foreign, StringComparison.Ordinal));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(Samples.Utf8(whole), swapped, null)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(swapped, Samples.Utf8(whole), null)));
    }

    [Fact]
    public async Task Check_LargerTreeFirst_ProvesNothing()
    {
        var (five, three) = (Tree(5), Tree(3));
        Assert.True(MerkleProof.TryBuildConsistency(five, 3, 5, out var proof));
        var contradiction = LedgerContradiction.Of(await SignedAsync(five), await SignedAsync(three), Digest.Of([7]), proof);
        Assert.Equal(ContradictionKind.None, Check(contradiction));
    }

    private async Task<ContradictionKind> CheckAsync(
        (int Index, EnvelopeHead Head) one, (int Index, EnvelopeHead Head) two, EnvelopeHead? head) =>
        Check(LedgerContradiction.Of(await ReceiptAsync(one.Index, one.Head), await ReceiptAsync(two.Index, two.Head), head));

    private ContradictionKind Check(LedgerContradiction contradiction)
    {
        using var verifier = _samples.Verifier();
        var kind = contradiction.Check(verifier, LedgerSamples.Start.AddHours(1), out var detail);
        Assert.NotEmpty(detail);
        return kind;
    }

    private async Task<byte[]> ReceiptAsync(int index, EnvelopeHead head, string origin = LedgerSamples.Origin, LedgerSamples? by = null)
    {
        by ??= _samples;
        var entry = MadeUp.Entry(head, Digest.Of("policy"u8), LedgerSamples.Start.AddMinutes(5), "qatar");
        var tree = new MerkleTree();
        for (var i = 0; i < 5; i++) tree.Append(i == index ? entry.LeafHash() : MerkleHash.Leaf([(byte)i]));
        var note = await by.SignAsync(new Checkpoint(origin, tree.Size, tree.Root()));
        Assert.True(MerkleProof.TryBuildInclusion(tree, index, tree.Size, out var proof));
        var certificate = await by.CertifyAsync();
        return Receipt.Write(entry, index, proof.AsSpan(), note, certificate);
    }

    private async Task<SignedCheckpoint> SignedAsync(MerkleTree tree)
    {
        var note = await _samples.SignAsync(new Checkpoint(LedgerSamples.Origin, tree.Size, tree.Root()));
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, (await _samples.CertifyAsync()).Bytes, out var signed, out var error), error);
        return signed;
    }

    private static MerkleTree Tree(int size)
    {
        var tree = new MerkleTree();
        for (var i = 0; i < size; i++) tree.Append(MerkleHash.Leaf([(byte)i]));
        return tree;
    }

    private static EnvelopeHead Head(EnvelopeDraft draft) => SealedEnvelope.Create(draft).Head;
}
