using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Ledger;

public sealed class LedgerContradictionTests : IDisposable
{
    private readonly LedgerSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Check_TwoTreesOfOneSize_IsAForkAndAnyChangedBitProvesNothing()
    {
        var contradiction = LedgerContradiction.Of(await SignedAsync(Tree("a", 5)), await SignedAsync(Tree("b", 5)));
        Assert.Equal(ContradictionKind.ForkAtOneSize, Check(contradiction));
        AssertEveryFlippedBitProvesNothing(contradiction);
    }

    [Theory]
    [InlineData(4, 7)]
    [InlineData(5, 8)]
    [InlineData(1, 2)]
    public async Task Check_LargerTreeHadAnotherRoot_IsAForkOfPrefix(int small, int large)
    {
        var (one, two) = (Tree("a", small), Tree("b", large));
        Assert.True(MerkleProof.TryBuildConsistency(two, small, large, out var proof));
        var contradiction = LedgerContradiction.Of(await SignedAsync(one), await SignedAsync(two), two.Root(small), proof);
        Assert.Equal(ContradictionKind.ForkOfPrefix, Check(contradiction));
        AssertEveryFlippedBitProvesNothing(contradiction, step: 11);
    }

    [Fact]
    public async Task Check_HonestLedger_ShowsNothing()
    {
        var tree = Tree("a", 8);
        Assert.True(MerkleProof.TryBuildConsistency(tree, 5, 8, out var proof));
        var (five, eight) = (await SignedAsync(Tree("a", 5)), await SignedAsync(tree));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(five, five)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(five, eight)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(five, eight, tree.Root(5), proof)));
        // A root that someone made up has no proof.
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(five, eight, Digest.Of([1]), proof)));
        var receipt = await _samples.ReceiptAsync();
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(receipt, receipt, null)));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(receipt, receipt, _samples.Envelope)));
    }

    [Fact]
    public async Task Check_ForeignSignature_ShowsNothing()
    {
        using var other = new LedgerSamples();
        var one = await SignedAsync(Tree("a", 5));
        var note = await other.SignAsync(new Checkpoint(LedgerSamples.Origin, 5, Tree("b", 5).Root()));
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, (await other.CertifyAsync()).Bytes, out var two, out _));
        Assert.Equal(ContradictionKind.None, Check(LedgerContradiction.Of(one, two)));
    }

    [Fact]
    public async Task Check_TwoEntriesAtOneIndex_IsTold()
    {
        var entry = _samples.Entry;
        var draft = Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) };
        var other = MadeUp.Entry(SealedEnvelope.Create(draft).Head, entry.Policy, entry.At, "qatar");
        var contradiction = LedgerContradiction.Of(await _samples.ReceiptAsync(), await _samples.ReceiptAsync(other), null);
        Assert.Equal(ContradictionKind.OtherEntryAtIndex, Check(contradiction));
        AssertEveryFlippedBitProvesNothing(contradiction, step: 7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"type\":\"relay-ledger-contradiction/v1\"}")]
    [InlineData("{\"type\":\"relay-ledger-contradiction/v1\",\"checkpoints\":[]}")]
    [InlineData("{\"type\":\"relay-ledger-contradiction/v1\",\"checkpoints\":[{},{}]}")]
    [InlineData("{\"type\":\"relay-ledger-contradiction/v1\",\"receipts\":[1,2]}")]
    [InlineData("{\"type\":\"relay-ledger-contradiction/v1\",\"receipts\":[\"\",\"\"]}")]
    public void TryParse_AnythingElse_SaysWhatWasExpected(string text)
    {
        Assert.False(LedgerContradiction.TryParse(Samples.Utf8(text), out _, out var error));
        Assert.StartsWith("expected ", error, StringComparison.Ordinal);
    }

    private void AssertEveryFlippedBitProvesNothing(LedgerContradiction contradiction, int step = 1)
    {
        var bytes = contradiction.Bytes.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit += step)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(
                LedgerContradiction.TryParse(bytes, out var changed, out _) && Check(changed) != ContradictionKind.None,
                $"bit {bit} changed unnoticed");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private ContradictionKind Check(LedgerContradiction contradiction)
    {
        using var verifier = _samples.Verifier();
        var kind = contradiction.Check(verifier, LedgerSamples.Start.AddHours(1), out var detail);
        Assert.NotEmpty(detail);
        return kind;
    }

    private async Task<SignedCheckpoint> SignedAsync(MerkleTree tree)
    {
        var note = await _samples.SignAsync(new Checkpoint(LedgerSamples.Origin, tree.Size, tree.Root()));
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, (await _samples.CertifyAsync()).Bytes, out var signed, out var error), error);
        return signed;
    }

    private static MerkleTree Tree(string salt, int size)
    {
        var tree = new MerkleTree();
        for (var i = 0; i < size; i++) tree.Append(MerkleHash.Leaf(Samples.Utf8($"{salt} {i}")));
        return tree;
    }
}
