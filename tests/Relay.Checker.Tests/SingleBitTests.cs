using System.Collections.Concurrent;
using System.Globalization;
using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Checker.Tests;

/// <summary>
/// A bit of a stored byte flips, one at a time, under a relay that is started anew: whatever
/// it then signs continues the tree that was, whatever it forwards is what was sent,
/// another negotiation does not notice, and where it refuses to go on the checker says what is damaged.
/// </summary>
/// <remarks>
/// A seeded sample of bits; with the environment variable RELAY_ALL_BITS set,
/// all of them, or with <c>3/16</c> every sixteenth from the third on.
/// </remarks>
public sealed class SingleBitTests
{
    private const string Ledger = TestNegotiation.Name;
    private const string Other = "oslo-2026";
    private const int Sample = 150;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commit_OverAnyFlippedBit_SignsAndForwardsNothingWrong()
    {
        await using var made = new LedgerFixture();
        var next = await MakeAsync(made);
        await made.Ledgers.DisposeAsync();
        var bits = new List<(string Name, int Bit)>();
        foreach (var name in made.Store.Names)
        {
            for (var bit = 0; bit < made.Store.Find(name)!.Content.Length * 8; bit++) bits.Add((name, bit));
        }

        var total = bits.Count;
        bits = Environment.GetEnvironmentVariable("RELAY_ALL_BITS")?.Split('/') switch
        {
            null => [.. Pick(bits)],
            [var part, var parts]
            =>
            [
                .. bits.Where(
                    (_, i) => i % int.Parse(parts, CultureInfo.InvariantCulture) == int.Parse(part, CultureInfo.InvariantCulture)),
            ],
            _ => bits,
        };
        var tally = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(bits, Cancel, async (flip, _) =>
        {
            var outcome = await RunAsync(made, next, flip.Name, flip.Bit);
            tally.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
        });
        TestContext.Current.SendDiagnosticMessage(
            "{0} of {1} bits: {2}",
            bits.Count,
            total,
            string.Join(", ", tally.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}")));
        // A run in which nothing is ever refused would not have looked.
        Assert.True(
            tally.Keys.Any(key => key.StartsWith("refused", StringComparison.Ordinal))
                && tally.Keys.Any(key => key.StartsWith("went on", StringComparison.Ordinal)),
            string.Join(", ", tally.Keys));
    }

    // Some of every blob, and every blob.
    private static IEnumerable<(string, int)> Pick(List<(string Name, int Bit)> bits)
    {
        var random = new Random(20261125);
        var blobs = bits.GroupBy(bit => bit.Name).Select(group => group.ToList()).ToList();
        for (var i = 0; i < Math.Max(Sample, blobs.Count); i++)
        {
            var blob = blobs[i % blobs.Count];
            yield return blob[random.Next(blob.Count)];
        }
    }

    // A few dozen entries, a second ledger beside them, held envelopes, evidence, and a last commit whose publishing failed.
    private static async Task<Next> MakeAsync(LedgerFixture fixture)
    {
        var chain = fixture.Chain(30);
        foreach (var envelope in chain[..20]) await LoggedAsync(fixture, envelope);
        for (var i = 1; i <= 18; i++) fixture.Ledgers.MarkForwarded(Ledger, i);
        await fixture.CommitAsync(fixture.Make(3, Digest.Of("x"u8), content: "another"));
        await fixture.CommitAsync(chain[24]);
        var other = OtherChain(fixture, 3);
        await LoggedAsync(fixture, other[0]);
        await LoggedAsync(fixture, other[1]);
        foreach (var ledger in new[] { Ledger, Other }) Assert.True(await fixture.Ledgers.VisitAsync(ledger, Cancel));
        fixture.Faults.Next = static (_, verb, _) => verb == "create" ? StoreFault.Refused : StoreFault.None;
        await fixture.CommitAsync(chain[20]);
        return new Next(chain, other);
    }

    private static async Task LoggedAsync(LedgerFixture fixture, AdmittedEnvelope envelope)
    {
        var outcome = await fixture.CommitAsync(envelope);
        Assert.True(outcome.IsLogged, outcome.Ruling?.Description);
    }

    private static AdmittedEnvelope[] OtherChain(LedgerFixture fixture, int count)
    {
        Assert.True(NegotiationDocument.TryParse(TestNegotiation.Document(negotiation: Other), out var document, out _));
        var chain = new AdmittedEnvelope[count];
        for (var i = 0; i < count; i++)
        {
            var made = fixture.Make(i + 1, i == 0 ? null : chain[i - 1].Envelope.Digest, negotiation: Other);
            chain[i] = made with { Document = document };
        }

        return chain;
    }

    private static async Task<string> RunAsync(LedgerFixture made, Next next, string name, int bit)
    {
        var what = $"{name} bit {bit}";
        var content = made.Store.Find(name)!.Content.ToArray();
        content[bit / 8] ^= (byte)(1 << (bit % 8));
        var store = made.Store.Clone();
        store.Set(name, content);
        await using var fixture = new LedgerFixture(store, made.Certifier);

        // 21 is published or not, 22 to 25 come next, 25 waits for them; 5 is an old one again.
        var chain = next.Chain;
        var outcomes = new List<(AdmittedEnvelope Envelope, CommitOutcome Outcome)>();
        foreach (var envelope in new[] { chain[4], chain[20], chain[21], chain[22], chain[23], chain[24] })
        {
            outcomes.Add((envelope, await fixture.CommitAsync(envelope)));
        }
        var beside = await fixture.CommitAsync(next.Other[2]);
        await fixture.Ledgers.DisposeAsync();

        if (name.StartsWith(Ledger + "/", StringComparison.Ordinal))
        {
            Assert.True(beside.IsLogged, $"{what}: the other negotiation stopped: {beside.Ruling?.Description}");
        }
        var leaves = await LeavesAsync(made, chain);
        foreach (var (envelope, outcome) in outcomes)
        {
            if (!outcome.IsEntry)
            {
                Assert.True(
                    outcome.Ruling!.Verdict is Verdict.LedgerDamaged or Verdict.LedgerUnavailable or Verdict.Held,
                    $"{what}: {envelope.Envelope.Id} became {outcome.Ruling.Verdict}: {outcome.Ruling.Description}");
                continue;
            }

            var receipt = fixture.Check(envelope, outcome);
            for (var index = leaves.Count; index <= outcome.Index; index++) leaves.Add(default);
            if (leaves[(int)outcome.Index] == default) leaves[(int)outcome.Index] = receipt.LeafHash;
            Assert.True(leaves[(int)outcome.Index] == receipt.LeafHash, $"{what}: entry {outcome.Index} is not the one that was");
        }

        foreach (var (index, released, _) in fixture.Releases.Forwarded)
        {
            Assert.True(
                chain.Any(envelope => envelope.Envelope.Wire.Span.SequenceEqual(released.Wire.Span)),
                $"{what}: forwarded entry {index}, which nobody sent so");
        }

        return await JudgeAsync(made, fixture, store, outcomes.ConvertAll(pair => pair.Outcome), what);
    }

    // Where it went on, everything signed continues the old tree and is whole, with
    // what is damaged beside it named; where it refused, what is damaged is named.
    private static async Task<string> JudgeAsync(
        LedgerFixture made, LedgerFixture fixture, MemoryLedgerStore store, List<CommitOutcome> outcomes, string what)
    {
        var report = await new LedgerChecker(
            new StoreToCheck(store),
            (id, _) => new(id == made.Certifier.KeyId ? made.Certifier.PublicKey.Public : null),
            LedgerFixture.FindMediatorAsync).CheckAsync(null, Cancel);
        var refusal = outcomes.FirstOrDefault(outcome => outcome.Ruling?.Verdict is Verdict.LedgerDamaged or Verdict.LedgerUnavailable);
        var refused = refusal is not null;
        Assert.False(refused && report.IsClean, $"{what}: refused, and the checker finds nothing: {refusal?.Ruling?.Description}");
        foreach (var finding in report.Ledgers.SelectMany(ledger => ledger.Findings))
        {
            // Of a document that is damaged nothing follows for the entries that it was to judge.
            var isDocument = finding.Rule == CheckRule.Policy && finding.Blob.StartsWith("policy/", StringComparison.Ordinal);
            Assert.False(
                !isDocument && finding.Rule is CheckRule.Order or CheckRule.Time or CheckRule.Policy or CheckRule.Quorum,
                $"{what}: {finding}");
            Assert.False(
                finding.Rule == CheckRule.Root
                    && !report.Ledgers.Any(ledger => ledger.Findings.Any(other => other.Rule == CheckRule.Entries)),
                $"{what}: {finding}");
        }

        return (refused ? "refused" : "went on") + (report.IsClean ? ", whole" : ", damage named");
    }

    private static async Task<List<Digest>> LeavesAsync(LedgerFixture made, AdmittedEnvelope[] chain)
    {
        var ledger = await LedgerAtHead.ReadAsync(made.Store, Ledger, Cancel);
        var hashes = (await ledger.FindAsync(
            LedgerPaths.Tile(Ledger, TileId.Of(0, 0, ledger.Head.State.Size)), Cancel))!.Value;
        var leaves = new List<Digest>();
        for (var at = 0; at < hashes.Length; at += Digest.Size) leaves.Add(new Digest(hashes.Span.Slice(at, Digest.Size)));
        Assert.InRange(leaves.Count, 20, chain.Length);
        return leaves;
    }

    private sealed record Next(AdmittedEnvelope[] Chain, AdmittedEnvelope[] Other);
}
