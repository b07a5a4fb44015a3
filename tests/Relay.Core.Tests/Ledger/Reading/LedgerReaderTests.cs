using System.Text;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Reading;

public sealed class LedgerReaderTests : IDisposable
{
    private const string Negotiation = "doha-2026";

    private static readonly bool AllBits = Environment.GetEnvironmentVariable("RELAY_ALL_BITS") is { Length: > 0 };

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryLedgerStore _store = new();
    private readonly LocalCertifier _certifier = new();
    private readonly CheckpointKeyRing _keys;
    private readonly StoredLedger _ledger;

    public LedgerReaderTests()
    {
        _keys = new CheckpointKeyRing(_certifier);
        _ledger = new StoredLedger(_store, _certifier, Negotiation);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ledger.Dispose();
        _keys.Dispose();
        _certifier.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 3)]
    [InlineData(255, 256)]
    [InlineData(256, 256)]
    [InlineData(300, 257)]
    [InlineData(600, 600)]
    public async Task Reader_AnyLedger_ServesWhatIndependentChecksAccept(int first, int second)
    {
        await CommitAsync(first);
        await CommitAsync(second);
        var reader = Reader();
        var size = first + second;
        var checkpoint = Value(await reader.CheckpointAsync(Negotiation, Token));
        Assert.Equal((size, _ledger.Tree.Root()), (checkpoint.Checkpoint.Size, checkpoint.Checkpoint.Root));
        foreach (var tile in TileId.Added(0, size))
        {
            foreach (var width in new[] { 1, tile.Width / 2, tile.Width }.Where(w => w > 0).Distinct())
            {
                var cut = tile with { Width = width };
                var bytes = Value(await reader.TileAsync(Negotiation, cut, Token)).Content;
                if (tile.Level >= 0) Assert.Equal(HashTile.Create(cut, _ledger.Tree)!.Bytes.ToArray(), bytes.ToArray());
                else Assert.True(
                    EntryBundle.TryRead(bytes, width, out var entries, out _)
                        && entries[^1].Span.SequenceEqual(_ledger.Entries[(int)tile.Index * 256 + width - 1]));
            }

            if (tile.Width < 256)
            {
                Assert.Equal(
                    LedgerReadStatus.Absent, (await reader.TileAsync(Negotiation, tile with { Width = tile.Width + 1 }, Token)).Status);
            }
            Assert.Equal(
                LedgerReadStatus.Absent, (await reader.TileAsync(Negotiation, tile with { Index = tile.Index + 1000 }, Token)).Status);
        }

        using var verifier = Verifier();
        foreach (var sequence in new[] { 1, first, first + 1, size })
        {
            var id = new EnvelopeId(Negotiation, "us", Lane.Normal, sequence);
            var found = Value(await reader.FindAsync(id, Token));
            Assert.Equal((EnvelopeProgress.Logged, sequence - 1), (found.Progress, found.Index));
            Assert.True(
                Receipt.TryParse(Value(await reader.ReceiptAsync(id, Token)).Content, out var receipt, out _, out var error), error);
            Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _time.GetUtcNow(), out _));
            Assert.Equal((id, sequence - 1), (receipt.Entry.Id, receipt.Proof.Index));
        }

        foreach (var (from, to) in new[] { (0, size), (1, size), (first, size), (1, first), (first, first) })
        {
            var proof = Value(await reader.ConsistencyAsync(Negotiation, from, to, Token));
            Assert.True(MerkleProof.VerifyConsistency(from, _ledger.Tree.Root(from), to, _ledger.Tree.Root(to), [.. proof]));
        }
    }

    [Fact]
    public async Task Reader_LedgerOfThreeLevels_ServesItsEnds()
    {
        await CommitAsync(66_000);
        var reader = Reader();
        using var verifier = Verifier();
        foreach (var sequence in new[] { 1, 65_536, 65_537, 66_000 })
        {
            Assert.True(
                Receipt.TryParse(
                    Value(await reader.ReceiptAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, sequence), Token)).Content,
                    out var receipt,
                    out _,
                    out _));
            Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _time.GetUtcNow(), out _));
        }

        Assert.Equal(1, Value(await reader.TileAsync(Negotiation, new TileId(2, 0, 1), Token)).Content.Length / Digest.Size);
    }

    [Fact]
    public async Task FindAsync_HeldAbsentAndUnpublished_AreTold()
    {
        Assert.Equal(LedgerReadStatus.Absent, (await Reader().FindAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, 1), Token)).Status);
        Assert.Equal(LedgerReadStatus.Absent, (await Reader().CheckpointAsync(Negotiation, Token)).Status);
        await CommitAsync(3);
        await _ledger.PutHeadAsync(_time.GetUtcNow(), "us", [5, 6], Token);
        async Task<EnvelopeProgress?> ProgressAsync(int sequence, string sender = "us") =>
            (await Reader().FindAsync(new EnvelopeId(Negotiation, sender, Lane.Normal, sequence), Token)).Value?.Progress;
        Assert.Equal(
            [EnvelopeProgress.Logged, null, EnvelopeProgress.Held, EnvelopeProgress.Held, null],
            new[]
            {
                await ProgressAsync(3),
                await ProgressAsync(4),
                await ProgressAsync(5),
                await ProgressAsync(6),
                await ProgressAsync(7),
            });
        Assert.Null(await ProgressAsync(1, "iran"));
        Assert.Equal(
            LedgerReadStatus.Absent, (await Reader().ReceiptAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, 5), Token)).Status);
        _store.Set(LedgerPaths.Chunk(new StreamId(Negotiation, "us", Lane.Normal), 0, 3), null);
        Assert.Equal(
            LedgerReadStatus.Damaged, (await Reader().FindAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, 3), Token)).Status);
        // Without a head nothing else is known of; one that cannot be read may have what is not published.
        var head = LedgerPaths.Head(Negotiation);
        _store.Set(head, _store.Find(head)!.Content[..^1]);
        Assert.Equal(
            LedgerReadStatus.Damaged, (await Reader().FindAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, 4), Token)).Status);
        _store.Set(head, null);
        Assert.Equal(
            LedgerReadStatus.Absent, (await Reader().FindAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, 4), Token)).Status);
    }

    [Fact]
    public async Task Reader_StoreOrVaultAway_IsUnavailable()
    {
        await CommitAsync(3);
        var id = new EnvelopeId(Negotiation, "us", Lane.Normal, 1);
        var failing = new LedgerReader(new FailingStore(_store), _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(1), _time);
        Assert.Equal(LedgerReadStatus.Unavailable, (await failing.CheckpointAsync(Negotiation, Token)).Status);
        Assert.Equal(LedgerReadStatus.Unavailable, (await failing.ReceiptAsync(id, Token)).Status);
        using var ring = new CheckpointKeyRing(_certifier);
        _certifier.IsAvailable = false;
        Assert.Equal(LedgerReadStatus.Unavailable, (await Reader(ring).ReceiptAsync(id, Token)).Status);
    }

    [Fact]
    public async Task Reader_HeadThatCannotBeReadNow_IsNotAbsentWhereNothingIsPublished()
    {
        await CommitAsync(1);
        _store.Set(LedgerPaths.Checkpoint(Negotiation), null);
        Assert.Equal(LedgerReadStatus.Absent, (await Reader().CheckpointAsync(Negotiation, Token)).Status);
        var store = new FailingStore(_store, LedgerPaths.Head(Negotiation));
        var failing = new LedgerReader(store, _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(1), _time);
        Assert.Equal(LedgerReadStatus.Unavailable, (await failing.CheckpointAsync(Negotiation, Token)).Status);
    }

    // Every bit of every blob when RELAY_ALL_BITS is set, a few of each otherwise: what is served
    // is what was put there, or nothing; and one damaged blob does not take the rest with it.
    [Theory]
    [InlineData(3)]
    [InlineData(259)]
    public async Task Reader_AnyBitFlipped_NeverServesAnythingElse(int count)
    {
        await CommitAsync(count);
        await _ledger.PutHeadAsync(_time.GetUtcNow(), "us", [count + 2], Token);
        var tiles = TileId.Added(0, count);
        var ids = new[] { 1, count / 2 + 1, count }.Select(sequence => new EnvelopeId(Negotiation, "us", Lane.Normal, sequence)).ToList();
        var good = await AllAsync();
        var readable = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in _store.Names)
        {
            var original = _store.Find(name)!.Content;
            var least = int.MaxValue;
            var step = AllBits ? 1 : Math.Max(1, original.Length * 8 / (count > 100 ? 12 : 60));
            for (var bit = 0; bit < original.Length * 8; bit += step)
            {
                var bytes = original.ToArray();
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                _store.Set(name, bytes);
                least = Math.Min(least, Compare(good, await AllAsync(), $"{name} bit {bit}"));
            }

            foreach (var torn in new ReadOnlyMemory<byte>?[] { null, original[..(original.Length / 2)], ReadOnlyMemory<byte>.Empty })
            {
                _store.Set(name, torn, intact: torn is null);
                least = Math.Min(least, Compare(good, await AllAsync(), $"{name} torn"));
                _store.Set(name, torn);
                least = Math.Min(least, Compare(good, await AllAsync(), $"{name} cut"));
            }

            _store.Set(name, original);
            readable[name] = least;
        }

        // Told twice, or not needed: the head, the certificate, the checkpoint, and every tile of hashes.
        foreach (var (name, least) in readable.Where(
            blob =>
                !blob.Key.Contains("/entries/", StringComparison.Ordinal)
                    && !blob.Key.Contains("/stream/", StringComparison.Ordinal)))
        {
            Assert.True(least == good.Count, $"{name}: {least} of {good.Count} were readable");
        }

        // A reader of its own each time: nothing may hide behind a cache.
        async Task<Dictionary<string, string?>> AllAsync()
        {
            var reader = Reader();
            var all = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var tile in tiles) all[tile.Path] = Text((await reader.TileAsync(Negotiation, tile, Token)).Value);
            foreach (var id in ids) all[id.ToString()] = Value((await reader.ReceiptAsync(id, Token)).Value);
            if ((await reader.ConsistencyAsync(Negotiation, 1, count, Token)).Value is { } proof) all["proof"] = string.Join(' ', proof);
            else all["proof"] = null;
            return all;
        }
    }

    // A receipt may name another checkpoint of the same tree; what it proves is the same.
    private string? Value(VerifiedBytes? bytes)
    {
        if (bytes is null) return null;
        using var verifier = Verifier();
        Assert.True(Receipt.TryParse(bytes.Content, out var receipt, out _, out _));
        Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _time.GetUtcNow(), out _));
        return $"{receipt.Proof.Index} {receipt.LeafHash}";
    }

    private static int Compare(Dictionary<string, string?> good, Dictionary<string, string?> came, string what)
    {
        foreach (var (key, value) in came)
        {
            Assert.True(value is null || value == good[key], $"{what}: {key} is served with another content");
        }
        return came.Count(pair => pair.Value is not null);
    }

    private static string? Text(VerifiedBytes? bytes) => bytes is null ? null : Convert.ToHexString(bytes.Content.Span);

    private static T Value<T>(LedgerRead<T> read)
        where T : class
    {
        Assert.True(read.IsFound, $"{read.Status}: {read.Problem}");
        return read.Value;
    }

    private LedgerReader Reader(CheckpointKeyRing? keys = null) =>
        new(_store, keys ?? _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(10), _time);

    private ReceiptVerifier Verifier() =>
        new($"{StoredLedger.RelayName}/{Negotiation}", id => id.Text == _certifier.KeyId ? _certifier.PublicKey : null);

    private Task CommitAsync(int count) => _ledger.CommitAsync("us", Lane.Normal, count, _time.GetUtcNow(), Token);

    // Of one blob, or of all.
    private sealed class FailingStore(ILedgerStore inner, string? only = null) : ILedgerStore
    {
        public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) =>
            only is null || only == name ? throw new LedgerStoreException("away") : inner.GetAsync(name, cancellationToken);

        public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw new LedgerStoreException("away");

        public ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
            throw new LedgerStoreException("away");

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => throw new LedgerStoreException("away");
    }
}
