using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Envelopes;

/// <summary>Many heads under one signature, and what carries them afterwards.</summary>
public sealed class HeadBatchTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly PrivateJwk _oman = PrivateJwk.Generate(JwkKind.P256, Samples.KeyId("oman"));
    private readonly VerificationKey _key;

    public HeadBatchTests() =>
        _key = VerificationKey.TryCreate(_samples.Mediator.Public, out var key, out var error) ? key : throw new ArgumentException(error);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        _samples.Dispose();
        _oman.Dispose();
    }

    [Fact]
    public async Task SignAsync_ManyHeads_IsOneCallAndEachVerifiesForItself()
    {
        using var signer = new CountingSigner(_samples.Mediator);
        var heads = Heads(100);
        var signed = await HeadBatch.SignAsync(heads, signer, Token);
        Assert.Equal(1, signer.Calls);
        Assert.Equal(heads.Select(head => head.Digest), signed.Select(one => one.Head.Digest));
        foreach (var one in signed)
        {
            var read = Read(one.ToWire());
            var signature = Assert.Single(read.Signatures);
            Assert.Equal(JwsAlgorithm.MTES256, signature.Algorithm);
            Assert.Equal(SignatureFault.None, signature.Verify(_key));
        }
        Assert.Equal(1, _key.Roots.Count);
    }

    [Fact]
    public async Task SignAsync_OneHead_IsSignedByItself()
    {
        using var signer = new CountingSigner(_samples.Mediator);
        var signed = Assert.Single(await HeadBatch.SignAsync(Heads(1), signer, Token));
        Assert.Equal(JwsAlgorithm.ES256, Assert.Single(signed.Signatures).Algorithm);
        Assert.Equal(SignatureFault.None, signed.Signatures[0].Verify(_key));
        Assert.Equal(1, signer.Calls);
    }

    [Fact]
    public async Task SignAsync_HeadsThatWereSigned_KeepWhatTheyHave()
    {
        using var oman = new LocalSigner(_oman);
        using var qatar = new LocalSigner(_samples.Mediator);
        var both = await HeadBatch.SignAsync(await HeadBatch.SignAsync(Heads(3), oman, Token), qatar, Token);
        Assert.All(both, one => Assert.Equal(
            ["mediator-oman", "mediator-qatar"], Read(one.ToWire()).Signatures.Select(signature => signature.Key.Name)));
    }

    [Fact]
    public async Task SignAsync_ThenAttachAndLog_EntryHasTheSignaturesAsTheyWere()
    {
        using var qatar = new LocalSigner(_samples.Mediator);
        var made = SealedEnvelope.Create(Samples.Draft());
        var signed = await HeadBatch.SignAsync([made.Head, .. Heads(4)], qatar, Token);
        var builder = new EnvelopeBuilder(made);
        builder.Attach(signed[0]);
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        Assert.Equal(SignatureFault.None, envelope.Signatures[0].Verify(_key));

        var entry = new EnvelopeEntry { At = Samples.Issued, Judged = new JudgedHead(Digest.Of([1]), envelope.SignedBy([0])) };
        Assert.True(LedgerEntry.TryParse(entry.ToBytes(), out var read, out var error), error);
        var logged = Assert.Single(Assert.IsType<EnvelopeEntry>(read).Judged.Signed.Signatures);
        Assert.Equal(signed[0].Signatures[0].Value.ToArray(), logged.Value.ToArray());
        Assert.Equal(SignatureFault.None, logged.Verify(_key));
    }

    [Fact]
    public async Task SignAsync_ThirtyTwoLargestSignatures_FitWhatIsSigned()
    {
        // The longest value is 489 bytes; a head with many of those and their headers has to stay within what an entry holds.
        using var qatar = new LocalSigner(_samples.Mediator);
        var one = (await HeadBatch.SignAsync(Heads(BatchSignature.MaxLeaves), qatar, Token))[4095];
        while (one.Signatures.Length < 16) one = (await HeadBatch.SignAsync([one, one], qatar, Token))[0];
        Assert.True(SignedHead.TryParse(one.ToWire(), EnvelopeLimits.Default, out _, out _, out var detail), detail);
    }

    [Fact]
    public async Task SignAsync_SignerThatCannot_IsRefusedBeforeItIsAsked()
    {
        using var p384 = PrivateJwk.Generate(JwkKind.P384, Samples.KeyId("qatar"));
        using var other = new CountingSigner(p384);
        using var identity = new CountingSigner(_samples.Identity);
        var exception = await Assert.ThrowsAsync<ArgumentException>(async () => await HeadBatch.SignAsync(Heads(2), other, Token));
        Assert.Contains("ES384", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await HeadBatch.SignAsync(Heads(2), identity, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await HeadBatch.SignAsync(Array.Empty<EnvelopeHead>(), identity, Token));
        Assert.Equal(0, other.Calls + identity.Calls);
    }

    [Fact]
    public async Task SignAsync_TooManyHeadsOrASignatureOfAnotherLength_Throws()
    {
        using var signer = new CountingSigner(_samples.Mediator) { Length = 63 };
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await HeadBatch.SignAsync(Heads(2), signer, Token));
        var head = Heads(1)[0];
        var many = Enumerable.Repeat(head, BatchSignature.MaxLeaves + 1).ToList();
        await Assert.ThrowsAsync<ArgumentException>(async () => await HeadBatch.SignAsync(many, signer, Token));
    }

    private static IReadOnlyList<EnvelopeHead> Heads(int count) =>
        [.. Enumerable.Range(1, count).Select(i => SealedEnvelope.Create(Samples.Draft(i)).Head)];

    private static SignedHead Read(byte[] wire)
    {
        Assert.True(SignedHead.TryParse(wire, EnvelopeLimits.Default, out var head, out _, out var detail), detail);
        return head;
    }

    private sealed class CountingSigner(PrivateJwk key) : IJwsSigner, IDisposable
    {
        private readonly LocalSigner _signer = new(key);

        public int Calls { get; private set; }

        public int Length { get; init; } = 64;

        public string KeyId => _signer.KeyId;

        public JwsAlgorithm Algorithm => _signer.Algorithm;

        public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        {
            Calls++;
            return (await _signer.SignAsync(hash, cancellationToken))[..Length];
        }

        public void Dispose() => _signer.Dispose();
    }
}
