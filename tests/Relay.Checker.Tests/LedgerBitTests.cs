using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Relay.Cli.Targets;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Checker.Tests;

/// <summary>
/// A ledger of 300 entries, every kind among them, with one bit of it flipped: the checker names it, and whoever reads the ledger as it
/// is served does, unless the bit is one of those that mean nothing, and those are named here.
/// </summary>
/// <remarks>
/// A seeded sample of bits; with the environment variable RELAY_ALL_BITS set, all of them, or with <c>3/16</c> every sixteenth from the
/// third on. The checker takes the mediators' signatures at their word here: no flipped bit gets as far.
/// </remarks>
public sealed class LedgerBitTests(ITestOutputHelper output)
{
    private const string Ledger = TestNegotiation.Name;
    private const int Entries = 300;
    private const int Sample = 400;

    // A reader that verifies every signature of 300 entries is asked for one in so many, of all bits for fewer.
    private static readonly int ReadOneIn = Environment.GetEnvironmentVariable("RELAY_ALL_BITS") is null ? 40 : 400;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_OverAnyFlippedBit_NoticesItOrItMeansNothing()
    {
        await using var made = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        await MakeAsync(made);
        var bits = Pick(made.Store, out var total);
        var tally = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(bits.Index(), Cancel, async (flip, _) =>
        {
            var (name, bit) = flip.Item;
            var outcome = await RunAsync(made, name, bit, flip.Index % ReadOneIn == 0);
            tally.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
        });
        var counts = tally.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}");
        output.WriteLine($"{bits.Count} of {total} bits: {string.Join(", ", counts)}");
        // A run that meets nothing without meaning, or nothing that is noticed, has not looked.
        Assert.Contains(tally.Keys, key => key.StartsWith("noticed", StringComparison.Ordinal));
    }

    private static async Task<string> RunAsync(LedgerFixture made, string name, int bit, bool isRead)
    {
        var whole = made.Store.Find(name)!.Content;
        var content = whole.ToArray();
        content[bit / 8] ^= (byte)(1 << (bit % 8));
        var store = made.Store.Clone();
        store.Set(name, content);
        var report = await new LedgerChecker(new StoreToCheck(store), made.Certifier.FindJwkAsync, null).CheckAsync(null, Cancel);
        var noticed = !report.IsClean || report.Ledgers.Count != 1 || report.Foreign > 0;
        if (isRead && IsServed(name)) await ReadAsync(made, store, $"{name} bit {bit}");
        if (noticed) return $"noticed in {KindOf(name)}";
        var meaning = WithoutMeaning(name, whole.Span, content);
        Assert.True(meaning is not null, $"{name} bit {bit} of byte '{(char)whole.Span[bit / 8]}': nothing is noticed");
        return meaning;
    }

    // What no reader of the store takes anything from; null when it does.
    private static string? WithoutMeaning(string name, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> flipped)
    {
        // What evidence rests on are the signed heads in its entry; of the envelope kept beside it only head and content count.
        if (!name.StartsWith($"{Ledger}/evidence/", StringComparison.Ordinal)) return null;
        if (!Envelope.TryParse(whole.ToArray(), EnvelopeLimits.Default, out var one, out _, out _)) return null;
        var text = Encoding.Latin1.GetString(flipped);
        var isWhole = text.Contains(StrictBase64Url.Encode(one.Head.Bytes.Span), StringComparison.Ordinal)
            && text.Contains(StrictBase64Url.Encode(one.Sealed.Content.Span), StringComparison.Ordinal);
        return isWhole ? "without meaning: in the signatures of the envelope behind an evidence entry, which has them itself" : null;
    }

    private static bool IsServed(string name) => name == LedgerPaths.Checkpoint(Ledger)
        || name.Contains("/tile/entries/", StringComparison.Ordinal)
        || name.Contains("/certificate/", StringComparison.Ordinal);

    private static string KindOf(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('/')[0];

    // As 'relay verify ledger' does, from what lies in the store.
    private static async Task ReadAsync(LedgerFixture made, MemoryLedgerStore store, string what)
    {
        var keys = new PinnedMediatorKeys(KeysOf(made));
        using var trust = new LedgerTrust(
            LedgerFixture.RelayName, Ledger, made.Certifier.KeyId[..made.Certifier.KeyId.LastIndexOf('/')], keys, made.Time);
        var judge = new EntryJudge([made.Document], keys);
        var auditor = new LedgerAuditor(
            trust, new LedgerView(trust.Origin), new StoredLog(store), judge, null, TimeSpan.Zero, TimeSpan.Zero, made.Time);
        var report = await auditor.RunAsync([], Cancel);
        Assert.True(report.Findings.Count > 0, $"{what}: a reader of the whole ledger finds nothing");
    }

    private static Dictionary<string, VerificationKey> KeysOf(LedgerFixture made)
    {
        var keys = new Dictionary<string, VerificationKey> { [made.Certifier.KeyId] = made.Certifier.PublicKey };
        foreach (var id in new[] { "qatar", "oman" }.Select(TestNegotiation.KeyId))
        {
            Assert.True(VerificationKey.TryCreate(LedgerFixture.FindMediator(id)!, out var key, out var error), error);
            keys[id] = key;
        }

        return keys;
    }

    private static List<(string Name, int Bit)> Pick(MemoryLedgerStore store, out int total)
    {
        var blobs = store.Names.Select(name => (Name: name, Bits: store.Find(name)!.Content.Length * 8))
            .Where(blob => blob.Bits > 0)
            .ToList();
        var all = blobs.SelectMany(blob => Enumerable.Range(0, blob.Bits).Select(bit => (blob.Name, bit)));
        total = blobs.Sum(blob => blob.Bits);
        switch (Environment.GetEnvironmentVariable("RELAY_ALL_BITS")?.Split('/'))
        {
            case null:
                var random = new Random(20261129);
                return
                [
                    .. Enumerable.Range(0, Sample).Select(i => blobs[i % blobs.Count]).Select(blob => (blob.Name, random.Next(blob.Bits))),
                ];
            case [var part, var parts]:
                var (at, of) = (int.Parse(part, CultureInfo.InvariantCulture), int.Parse(parts, CultureInfo.InvariantCulture));
                return [.. all.Where((_, i) => i % of == at)];
            default:
                return [.. all];
        }
    }

    // Policy, envelopes of two senders, acknowledgements, evidence of each kind, and one that is held.
    private static async Task MakeAsync(LedgerFixture fixture)
    {
        var chain = fixture.Chain(284);
        foreach (var envelope in chain[..280]) await LoggedAsync(fixture, envelope);
        foreach (var envelope in chain[..8])
        {
            Assert.False((await fixture.AcknowledgeAsync(TestIdentities.Say(envelope.Envelope.Head, "iran"))).Receipt.IsEmpty);
        }

        foreach (var envelope in fixture.Chain(8, "iran")) await LoggedAsync(fixture, envelope);
        await fixture.CommitAsync(fixture.Make(3, Digest.Of("x"u8), content: "another"));
        await fixture.CommitAsync(fixture.Make(281, Digest.Of("x"u8), content: "unchained"));
        var seen = new SeenCheckpoint(5, Digest.Of("no root"u8));
        await fixture.CommitAsync(fixture.Make(281, chain[279].Envelope.Digest, content: "forked", seen: seen));
        await fixture.CommitAsync(chain[282]);
        for (var i = 1; i <= 296; i++) fixture.Ledgers.MarkForwarded(Ledger, i);
        await fixture.Ledgers.DisposeAsync();
        Assert.Equal(Entries, fixture.Head().State.Size);
    }

    private static async Task LoggedAsync(LedgerFixture fixture, Core.Admission.AdmittedEnvelope envelope)
    {
        var outcome = await fixture.CommitAsync(envelope);
        Assert.True(outcome.IsLogged, outcome.Ruling?.Description);
    }

    /// <summary>The published blobs as they lie, without the relay's own reader, which serves nothing that does not verify.</summary>
    private sealed class StoredLog(MemoryLedgerStore store) : ILedgerLog
    {
        public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken)
        {
            var note = store.Find(LedgerPaths.Checkpoint(Ledger))!.Content;
            var certificate = store.Find(store.Names.First(name => name.Contains("/certificate/", StringComparison.Ordinal)))!.Content;
            return SignedCheckpoint.TryParse(note, certificate.Span, out var signed, out var error)
                ? new(signed)
                : throw new LedgerLogException(error);
        }

        public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) =>
            new((ImmutableArray<Digest>?)null);

        public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
            new((ReadOnlyMemory<byte>?)null);

        public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
            new(store.Find(LedgerPaths.Tile(Ledger, tile))?.Content);
    }
}
