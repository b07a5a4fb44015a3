using System.Security.Cryptography;
using System.Text;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Signatures;

public sealed class BatchSignatureTests : IDisposable
{
    private readonly PrivateJwk _jwk = PrivateJwk.Generate(JwkKind.P256, Samples.KeyId("qatar"));
    private readonly LocalSigner _signer;

    public BatchSignatureTests() => _signer = new LocalSigner(_jwk);

    public static TheoryData<int> Sizes() => [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 64];

    public void Dispose()
    {
        _signer.Dispose();
        _jwk.Dispose();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Verify_EveryLeafOfATree_HoldsForItsInputAlone(int size)
    {
        using var key = Key(_jwk.Public);
        var values = await ValuesAsync(size);
        for (var i = 0; i < size; i++)
        {
            Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(i), values[i]));
            Assert.Equal(SignatureFault.Invalid, key.Verify(JwsAlgorithm.MTES256, Input(i + 1), values[i]));
        }
        Assert.Equal(1, key.Roots.Count);
    }

    [Fact]
    public async Task Verify_LargestTree_HoldsAndIsAsLongAsAValueGets()
    {
        using var key = Key(_jwk.Public);
        var values = await ValuesAsync(BatchSignature.MaxLeaves);
        foreach (var i in new[] { 0, 1, 2047, 2048, 4095 })
        {
            Assert.Equal(BatchSignature.MaxBytes, values[i].Length);
            Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(i), values[i]));
        }
        Assert.Throws<ArgumentException>(() => SignatureBatch.Create(new Digest[BatchSignature.MaxLeaves + 1]));
        Assert.Throws<ArgumentException>(() => SignatureBatch.Create([]));
    }

    [Fact]
    public async Task Verify_EveryPrefixAndEveryChangedByte_IsRefused()
    {
        using var key = Key(_jwk.Public);
        var value = (await ValuesAsync(7))[2];
        Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(2), value));
        for (var length = 0; length < value.Length; length++)
        {
            Assert.Equal(SignatureFault.MalformedBatch, key.Verify(JwsAlgorithm.MTES256, Input(2), value.AsSpan(0, length)));
        }
        for (var i = 0; i < value.Length; i++)
        {
            var changed = (byte[])value.Clone();
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.NotEqual(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(2), changed));
        }
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrowsAndReadsOneTextOnly()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var value = new byte[random.Next(0, 600)];
            random.NextBytes(value);
            if (value.Length > 8)
            {
                // Most random sizes are too large; these come through to the path's length.
                (value[0], value[1], value[2], value[5], value[6]) = (1, 0, 0, 0, 0);
                value[3] &= 0x1f;
                value[7] &= 0x1f;
            }
            if (!BatchSignature.TryRead(value, out var read)) continue;
            Assert.True(read.Index < read.TreeSize && read.TreeSize <= BatchSignature.MaxLeaves, $"seed {seed}");
            Assert.True(
                value.AsSpan().SequenceEqual(BatchSignature.Write(
                    read.TreeSize, read.Index, read.Blinder, Hashes(read.Path), read.RootSignature)),
                $"seed {seed}");
        }
    }

    [Fact]
    public async Task Verify_RootInHandWithAnotherSignature_IsInvalid()
    {
        // Else a copy that somebody else has spoilt would pass where its batch was just seen, and be called forged everywhere later.
        using var key = Key(_jwk.Public);
        var value = (await ValuesAsync(7))[2];
        Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(2), value));
        var spoilt = (byte[])value.Clone();
        spoilt[^1] ^= 1;
        Assert.Equal(SignatureFault.Invalid, key.Verify(JwsAlgorithm.MTES256, Input(2), spoilt));
        // And the other way: a bad copy that comes first takes nothing down with it.
        using var fresh = Key(_jwk.Public);
        Assert.Equal(SignatureFault.Invalid, fresh.Verify(JwsAlgorithm.MTES256, Input(2), spoilt));
        Assert.Equal(0, fresh.Roots.Count);
        Assert.Equal(SignatureFault.None, fresh.Verify(JwsAlgorithm.MTES256, Input(2), value));
    }

    [Fact]
    public async Task Verify_RootThatIsRemembered_AsksTheKeyNoMore()
    {
        using var key = Key(_jwk.Public);
        using var other = Key(_jwk.Public);
        var value = (await ValuesAsync(7, new byte[64]))[2];
        Assert.Equal(SignatureFault.Invalid, key.Verify(JwsAlgorithm.MTES256, Input(2), value));
        Assert.True(BatchSignature.TryRead(value, out var read));
        key.Roots.Add(BatchRoots.Root.Of(read, read.FindRoot(SHA256.HashData(Input(2)))));
        Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.MTES256, Input(2), value));
        Assert.Equal(SignatureFault.Invalid, other.Verify(JwsAlgorithm.MTES256, Input(2), value));
    }

    [Fact]
    public async Task Verify_ManyThreadsOverMoreBatchesThanAreRemembered_AlwaysHolds()
    {
        Assert.True(VerificationKey.TryCreate(_jwk.Public, 4, out var key, out var error), error);
        using (key)
        {
            var batches = new List<IReadOnlyList<byte[]>>();
            for (var i = 0; i < 9; i++) batches.Add(await ValuesAsync(3));
            var workers = Enumerable.Range(0, 6).Select(worker => Task.Run(() => Enumerable.Range(0, 90).All(i =>
            {
                var values = batches[(i + worker) % batches.Count];
                return key.Verify(JwsAlgorithm.MTES256, Input(i % 3), values[i % 3]) == SignatureFault.None
                    && key.Verify(JwsAlgorithm.MTES256, Input(i % 3), values[(i + 1) % 3]) == SignatureFault.Invalid;
            })));
            Assert.All(await Task.WhenAll(workers), Assert.True);
            Assert.InRange(key.Roots.Count, 1, 4);
        }
    }

    [Theory]
    [InlineData(JwkKind.P384)]
    [InlineData(JwkKind.P521)]
    public async Task Verify_KeyOnAnotherCurve_IsAMismatch(JwkKind kind)
    {
        using var jwk = PrivateJwk.Generate(kind, "other");
        using var key = Key(jwk.Public);
        Assert.False(key.Accepts(JwsAlgorithm.MTES256));
        var values = await ValuesAsync(2);
        Assert.Equal(SignatureFault.AlgorithmMismatch, key.Verify(JwsAlgorithm.MTES256, Input(0), values[0]));
    }

    [Fact]
    public void Accepts_AlgOfAKey_IsWhatTheVaultDoes()
    {
        Assert.True(Parse("ES256").Accepts(JwsAlgorithm.MTES256));
        var json = Encoding.ASCII.GetString(_jwk.Public.ToJson())[..^1] + ",\"alg\":\"MT-ES256\"}";
        Assert.True(PublicJwk.TryParse(Samples.Ascii(json), out var jwk, out var error), error);
        Assert.False(VerificationKey.TryCreate(jwk, out _, out _));
    }

    [Fact]
    public async Task Signed_Bytes_AreNoSigningInputAndNoCheckpoint()
    {
        // Whatever else such a key signs begins with base64url of a JSON object and has no newline; a note has digits where this has zeros.
        var batch = SignatureBatch.Create([.. Enumerable.Range(0, 7).Select(i => Digest.Of(Input(i)))]);
        var root = batch.Root.ToArray();
        byte[] signed = [.. Samples.Ascii("relay-batch/v1\n"), 0, 0, 0, 7, .. root];
        Assert.Equal(51, signed.Length);
        Assert.Equal(SHA256.HashData(signed), batch.HashToSign());
        Assert.False(CompactJws.TrySplit(signed, out _));
        Assert.False(Checkpoint.TryParse(signed, out _, out _));

        var checkpoint = Encoding.ASCII.GetBytes($"relay-batch/v1\n7\n{Convert.ToBase64String(root)}\n");
        Assert.True(Checkpoint.TryParse(checkpoint, out _, out var error), error);
        using var key = Key(_jwk.Public);
        var signature = await _signer.SignAsync(SHA256.HashData(checkpoint), TestContext.Current.CancellationToken);
        var forged = batch.ToValues(signature);
        Assert.Equal(SignatureFault.Invalid, key.Verify(JwsAlgorithm.MTES256, Input(0), forged[0]));
    }

    [Fact]
    public async Task Path_WithTheNeighboursEnvelopeInHand_ConfirmsNoGuessOfWhatElseWasSigned()
    {
        // Whoever holds envelope 0 in full has the hash of leaf 1 in its path, and knows the very bytes that 1 could be of.
        var values = await ValuesAsync(2);
        ConfirmNothing(values);
    }

    private static void ConfirmNothing(IReadOnlyList<byte[]> values)
    {
        Assert.True(BatchSignature.TryRead(values[0], out var mine));
        Assert.True(BatchSignature.TryRead(values[1], out var theirs));
        var beside = Hashes(mine.Path)[0];
        var guess = SHA256.HashData(Input(1));
        for (var i = 0; i + BatchSignature.BlinderSize <= values[0].Length; i++)
        {
            var known = values[0].AsSpan(i, BatchSignature.BlinderSize);
            Assert.NotEqual(beside, BatchSignature.Leaf(known, guess));
        }
        Assert.NotEqual(beside, BatchSignature.Leaf(new byte[BatchSignature.BlinderSize], guess));
        Assert.NotEqual(beside, BatchSignature.Leaf(SHA256.HashData(mine.Blinder), guess));
        Assert.NotEqual(beside, MerkleHash.Leaf(guess));
        Assert.NotEqual(beside, MerkleHash.Leaf(Input(1)));
        // The blinder, which only those have who have envelope 1, is all that was missing.
        Assert.Equal(beside, BatchSignature.Leaf(theirs.Blinder, guess));
    }

    [Fact]
    public async Task Create_SameInputsAgain_SharesNoBytesWithTheBatchBefore()
    {
        var (first, second) = (await ValuesAsync(64), await ValuesAsync(64));
        var seen = new HashSet<Digest>();
        foreach (var value in first.Concat(second))
        {
            Assert.True(BatchSignature.TryRead(value, out var read));
            Assert.True(seen.Add(new Digest(read.Blinder)));
        }
        var path = Paths(first);
        Assert.Empty(path.Intersect(Paths(second)));
        Assert.NotEmpty(path);

        static HashSet<Digest> Paths(IReadOnlyList<byte[]> values) => [.. values.SelectMany(value =>
            BatchSignature.TryRead(value, out var read) ? Hashes(read.Path) : [])];
    }

    private static byte[] Input(int i) => Encoding.ASCII.GetBytes($"eyJhbGciOiJNVC1FUzI1NiJ9.input{i}");

    private static Digest[] Hashes(ReadOnlySpan<byte> path)
    {
        var hashes = new Digest[path.Length / Digest.Size];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = new Digest(path.Slice(i * Digest.Size, Digest.Size));
        return hashes;
    }

    private async Task<IReadOnlyList<byte[]>> ValuesAsync(int size, byte[]? signature = null)
    {
        var batch = SignatureBatch.Create([.. Enumerable.Range(0, size).Select(i => Digest.Of(Input(i)))]);
        signature ??= await _signer.SignAsync(batch.HashToSign(), TestContext.Current.CancellationToken);
        return batch.ToValues(signature);
    }

    private VerificationKey Parse(string algorithm)
    {
        var json = Encoding.ASCII.GetString(_jwk.Public.ToJson())[..^1] + $",\"alg\":\"{algorithm}\"}}";
        Assert.True(PublicJwk.TryParse(Samples.Ascii(json), out var jwk, out var error), error);
        return Key(jwk);
    }

    private static VerificationKey Key(PublicJwk jwk)
    {
        Assert.True(VerificationKey.TryCreate(jwk, out var key, out var error), error);
        return key;
    }
}
