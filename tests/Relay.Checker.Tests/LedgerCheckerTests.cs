using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Commit;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;
using StoreFault = Relay.Core.Tests.Ledger.Commit.StoreFault;

namespace Relay.Checker.Tests;

/// <summary>
/// Ledgers that the committer made, whole and damaged: the checker finds nothing in the first, and names what was done to the second.
/// </summary>
public sealed class LedgerCheckerTests
{
    private const string Ledger = TestNegotiation.Name;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_OfEveryStateOnTheWay_FindsNothing()
    {
        await using var fixture = new LedgerFixture();
        var states = new List<MemoryLedgerStore>();
        await MakeAsync(fixture, () => states.Add(fixture.Store.Clone()));
        await fixture.Ledgers.DisposeAsync();
        states.Add(fixture.Store);
        foreach (var state in states)
        {
            var report = await CheckAsync(state, fixture);
            Assert.True(report.IsClean, string.Join('\n', report.Ledgers.SelectMany(ledger => ledger.Findings)));
            Assert.All(report.Ledgers, ledger => Assert.True(ledger.IsProved));
        }

        var last = Assert.Single((await CheckAsync(fixture.Store, fixture)).Ledgers);
        Assert.Equal((603, 600, 2, 2), (last.Size, last.Envelopes, last.Evidence, last.Held));
        Assert.Empty(last.Leftovers.Keys.Except(["superseded tiles and chunks"]));
    }

    [Fact]
    public async Task Check_OfWhatIsKeptBesideLedgers_CountsOnlyWhatNobodyKnows()
    {
        await using var fixture = new LedgerFixture();
        fixture.Store.Set(".pending/doha-2026/us-normal/1-00", new byte[1]);
        fixture.Store.Set(".tallies/minute/0029933618/52bd0cb1d4d399b8", new byte[1]);
        fixture.Store.Set(".signals/doha-2026", new byte[1]);
        fixture.Store.Set(".else/0029933618", new byte[1]);
        Assert.Equal(1, (await CheckAsync(fixture.Store, fixture)).Foreign);
    }

    [Fact]
    public async Task Check_WithSignaturesOfBatches_FindsNothingAndNamesTheOneThatIsSpoilt()
    {
        await using var fixture = new LedgerFixture();
        var chain = await fixture.BatchedAsync(fixture.Chain(5));
        foreach (var envelope in chain) await fixture.CommitAsync(envelope);
        await fixture.Ledgers.VisitAsync(Ledger, Cancel);
        var report = Assert.Single((await CheckAsync(fixture.Store, fixture)).Ledgers);
        Assert.True(report is { IsClean: true, IsProved: true, Envelopes: 5 }, string.Join('\n', report.Findings));

        // A relay that takes a spoilt copy for good because it knows the batch logs a lie, which every checker names.
        var next = (await fixture.BatchedAsync(fixture.Make(6, chain[4].Envelope.Digest), chain[0]))[0];
        await fixture.CommitAsync(fixture.Lie(next, _ => Spoilt(next.Envelope)));
        await fixture.Ledgers.DisposeAsync();
        var finding = Assert.Single(Assert.Single((await CheckAsync(fixture.Store, fixture)).Ledgers).Findings);
        Assert.Equal((CheckRule.Quorum, 6), (finding.Rule, finding.FirstEntry));
    }

    private static SignedHead Spoilt(Envelope envelope)
    {
        var wire = System.Text.Json.Nodes.JsonNode.Parse(envelope.Wire.Span)!;
        var value = envelope.Signatures[0].Value.ToArray();
        value[^1] ^= 1;
        wire["signatures"]![0]!["signature"] = StrictBase64Url.Encode(value);
        var bytes = System.Text.Encoding.UTF8.GetBytes(wire.ToJsonString());
        Assert.True(SignedHead.TryParse(bytes, EnvelopeLimits.Default, out var signed, out _, out var detail), detail);
        return signed;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_536)]
    public async Task Check_AfterACrashAtEveryCall_FindsNothing(int publishBeyond)
    {
        var calls = 0;
        for (var crash = 0; crash <= calls; crash++)
        {
            await using var fixture = new LedgerFixture();
            fixture.Options.PublishBeyond = publishBeyond;
            var at = crash;
            // The process ends here: from this call on nothing reaches the store.
            fixture.Faults.Next = (call, _, _) => call >= at && at > 0 ? StoreFault.Refused : StoreFault.None;
            var chain = fixture.Chain(5);
            foreach (var envelope in chain.Append(fixture.Make(8, Digest.Of("7"u8)))
                .Append(fixture.Make(2, chain[0].Envelope.Digest, content: "other")))
            {
                await fixture.CommitAsync(envelope);
            }
            await fixture.Ledgers.DisposeAsync();
            if (crash == 0) calls = fixture.Faults.Calls;
            var report = await CheckAsync(fixture.Store, fixture);
            Assert.True(report.IsClean, $"call {crash}: " + string.Join('\n', report.Ledgers.SelectMany(ledger => ledger.Findings)));
        }

        Assert.InRange(calls, publishBeyond == 0 ? 30 : 10, 1_000);
    }

    [Theory]
    [InlineData("head", CheckRule.Head)]
    [InlineData("checkpoint", CheckRule.Checkpoint)]
    [InlineData("tile/entries/000", CheckRule.Entries)]
    [InlineData("tile/entries/002.p/91", CheckRule.Entries)]
    [InlineData("tile/0/001", CheckRule.Tile)]
    [InlineData("tile/0/002.p/91", CheckRule.Tile)]
    [InlineData("tile/1/000.p/2", CheckRule.Tile)]
    [InlineData("stream/us-normal/00000000", CheckRule.StreamIndex)]
    [InlineData("stream/us-normal/00000001.p/244", CheckRule.StreamIndex)]
    [InlineData("certificate/", CheckRule.Certificate)]
    [InlineData("held/", CheckRule.Held)]
    [InlineData("evidence/", CheckRule.Evidence)]
    [InlineData("policy/", CheckRule.Policy)]
    public async Task Check_WithABlobDamagedOrGone_NamesIt(string path, CheckRule rule)
    {
        await using var fixture = new LedgerFixture();
        await MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        var name = fixture.Store.Names.First(name => name.StartsWith($"{Ledger}/{path}", StringComparison.Ordinal));
        var whole = fixture.Store.Find(name)!.Content.ToArray();

        await FindsAsync(fixture, name, null, rule);
        await FindsAsync(fixture, name, whole[..^1], rule);
        await FindsAsync(fixture, name, [.. whole, 0], rule);
        var random = new Random(1);
        // Of evidence only the head has a hash anywhere: the signatures over it are their own proof.
        var reach = rule == CheckRule.Evidence ? 200 : whole.Length;
        for (var i = 0; i < 8; i++)
        {
            var flipped = whole.ToArray();
            var bit = random.Next(reach * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await FindsAsync(fixture, name, flipped, rule);
        }
    }

    [Fact]
    public async Task Check_WithOneEntryChanged_SaysHowFarThatReaches()
    {
        await using var fixture = new LedgerFixture();
        await MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        var bundle = fixture.Store.Find($"{Ledger}/tile/entries/001")!.Content.ToArray();
        bundle[^2]++;
        var copy = fixture.Store.Clone();
        copy.Set($"{Ledger}/tile/entries/001", bundle);
        var report = Assert.Single((await CheckAsync(copy, fixture)).Ledgers);
        var finding = report.Findings[0];
        Assert.Equal((CheckRule.Entries, 511, 511), (finding.Rule, finding.FirstEntry, finding.LastEntry));
        Assert.Equal("entries 511 to 511 of 603 are affected; those before 511 verify", report.Reach);
    }

    [Fact]
    public async Task Check_WithBothEntriesAndTheirHashesChanged_FindsTheSignedRootDifferent()
    {
        await using var fixture = new LedgerFixture();
        await MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        var copy = fixture.Store.Clone();
        copy.Set($"{Ledger}/tile/entries/001", null);
        copy.Set($"{Ledger}/tile/0/001", null);
        copy.Set($"{Ledger}/tile/1/000.p/2", null);
        var report = Assert.Single((await CheckAsync(copy, fixture)).Ledgers);
        Assert.Contains(report.Findings, finding => finding.Rule == CheckRule.Root);
        Assert.Contains(
            report.Findings, finding => finding.Rule == CheckRule.Entries && (finding.FirstEntry, finding.LastEntry) == (256, 511));
    }

    [Fact]
    public async Task Check_AgainstAnotherVaultKey_RefusesHeadAndCertificates()
    {
        await using var fixture = new LedgerFixture();
        await MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        await using var other = new LedgerFixture();
        var report = await new LedgerChecker(
            new StoreToCheck(fixture.Store), (_, _) => new(other.Certifier.PublicKey.Public), null).CheckAsync(null, Cancel);
        Assert.Contains(report.Ledgers[0].Findings, finding => finding.Rule == CheckRule.Head);
        var unknown = await new LedgerChecker(
            new StoreToCheck(fixture.Store), (_, _) => new((Protocol.Keys.PublicJwk?)null), null).CheckAsync(null, Cancel);
        Assert.False(unknown.IsClean);
        var unsigned = await new LedgerChecker(new StoreToCheck(fixture.Store), null, null).CheckAsync(null, Cancel);
        Assert.True(unsigned.IsClean);
        Assert.False(unsigned.SignaturesVerified);
        Assert.False(unsigned.QuorumsVerified);
    }

    // A relay that logs what mediators did not vouch for: everything is hashed and signed as it has to be, and the entry shows the lie.
    [Theory]
    [InlineData("oman", "expected weight 3 for doha-2026/us/normal/2, got 1")]
    [InlineData("qatar,oman", "expected a signature of oman over doha-2026/us/normal/2")]
    [InlineData("swiss", "expected weight 3 for doha-2026/us/normal/2, got 1")]
    public async Task Check_WithAnEntryThatMediatorsDidNotSign_NamesIt(string mediators, string problem)
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(2);
        await fixture.CommitAsync(chain[0]);
        var names = mediators.Split(',');
        var lie = names is ["oman"]
            ? fixture.Lie(chain[1], head => chain[1].Envelope.SignedBy([1]))
            : fixture.Lie(chain[1], head => MadeUp.Sign(head, TestNegotiation.KeyId, names));
        Assert.True((await fixture.CommitAsync(lie)).IsLogged);
        await fixture.Ledgers.DisposeAsync();
        var ledger = Assert.Single((await CheckAsync(fixture.Store, fixture)).Ledgers);
        var finding = Assert.Single(ledger.Findings);
        Assert.Equal((CheckRule.Quorum, 2, 2), (finding.Rule, finding.FirstEntry, finding.LastEntry));
        Assert.StartsWith(problem, finding.Problem, StringComparison.Ordinal);
    }

    // As an audit judges: a version of a mediator's key counts for what it signed in its time, by the entry's; out of it nothing is proved.
    [Theory]
    [InlineData("begins then", true)]
    [InlineData("begins a moment later", false)]
    [InlineData("ends a moment later", true)]
    [InlineData("ends then", false)]
    [InlineData("compromised a moment later", true)]
    [InlineData("compromised then", false)]
    [InlineData("disabled since", true)]
    [InlineData("is not there", false)]
    public async Task Check_OfAnEntryByTheTimeOfAMediatorsKey_IsProvedInItAlone(string row, bool isProved)
    {
        await using var fixture = new LedgerFixture();
        var at = fixture.Time.GetUtcNow();
        Assert.True((await fixture.CommitAsync(fixture.Make(1, null))).IsLogged);
        await fixture.Ledgers.DisposeAsync();
        var later = at.AddMilliseconds(1);
        KeyValidity? validity = row switch
        {
            "begins then" => new(true, at, null),
            "begins a moment later" => new(true, later, null),
            "ends a moment later" => new(true, null, later),
            "ends then" => new(true, null, at),
            "compromised a moment later" => new(true, null, null, later),
            "compromised then" => new(true, null, null, at),
            "disabled since" => new(false, null, null),
            _ => null,
        };
        var report = await new LedgerChecker(new StoreToCheck(fixture.Store), null, Find).CheckAsync(null, Cancel);
        var ledger = Assert.Single(report.Ledgers);
        Assert.Empty(ledger.Findings);
        Assert.Equal(isProved ? 0 : 1, ledger.UnprovedCount);
        if (isProved) return;
        Assert.Equal((CheckRule.Quorum, 1L), (ledger.Unproved[0].Rule, ledger.Unproved[0].FirstEntry));

        ValueTask<DatedKey?> Find(string id, CancellationToken cancellationToken) =>
            new(LedgerFixture.FindMediator(id) is { } key && validity is { } time
                ? new DatedKey(key, time.NotBefore, time.ExpiresOn, time.CompromisedSince)
                : null);
    }

    [Fact]
    public async Task Check_WithTheHeadOfAnEarlierCommit_FindsTheRollback()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(4);
        await fixture.CommitAsync(chain[0]);
        await fixture.CommitAsync(chain[1]);
        var old = fixture.Store.Find($"{Ledger}/head")!.Content;
        await fixture.CommitAsync(chain[2]);
        await fixture.CommitAsync(chain[3]);
        // What is published of a later head tells that there was one; before that only those who were shown it can.
        Assert.True(await fixture.Ledgers.VisitAsync(Ledger, Cancel));
        await fixture.Ledgers.DisposeAsync();
        fixture.Store.Set($"{Ledger}/head", old);
        Assert.False((await CheckAsync(fixture.Store, fixture)).IsClean);
    }

    [Fact]
    public async Task Check_OfAnotherLedgersHead_RefusesIt()
    {
        await using var fixture = new LedgerFixture();
        await fixture.CommitAsync(fixture.Make(1, null));
        await fixture.Ledgers.DisposeAsync();
        foreach (var name in fixture.Store.Names.Where(name => name.StartsWith(Ledger + "/", StringComparison.Ordinal)).ToList())
        {
            fixture.Store.Set("oslo-2026" + name[Ledger.Length..], fixture.Store.Find(name)!.Content);
        }

        var report = await CheckAsync(fixture.Store, fixture);
        Assert.Contains(
            report.Ledgers.Single(ledger => ledger.Negotiation == "oslo-2026").Findings, finding => finding.Rule == CheckRule.Head);
        Assert.True(report.Ledgers.Single(ledger => ledger.Negotiation == Ledger).IsClean);
    }

    // 600 envelopes in two streams, one policy, two pieces of evidence, two held ones: all kinds of blobs, three tiles.
    internal static async Task MakeAsync(LedgerFixture fixture, Action? committed)
    {
        var chain = fixture.Chain(500);
        for (var i = 0; i < chain.Length; i += 71)
        {
            var group = chain[i..Math.Min(chain.Length, i + 71)];
            Array.ForEach(
                await Task.WhenAll(group.Select(envelope => fixture.CommitAsync(envelope))), outcome => Assert.Null(outcome.Ruling));
            for (var k = 0; k < group.Length; k++) fixture.Ledgers.MarkForwarded(Ledger, i + k + 1);
            committed?.Invoke();
        }

        var iran = fixture.Chain(100, "iran");
        await Task.WhenAll(iran.Select(envelope => fixture.CommitAsync(envelope)));
        committed?.Invoke();
        await fixture.CommitAsync(fixture.Make(7, Digest.Of("x"u8), content: "another"));
        await fixture.CommitAsync(fixture.Make(501, Digest.Of("x"u8), content: "off the chain"));
        await fixture.CommitAsync(fixture.Make(503, Digest.Of("502"u8)));
        await fixture.CommitAsync(fixture.Make(102, Digest.Of("101"u8), "iran"));
        committed?.Invoke();
        // A swap of the head alone: everything before it is published, what waits for a gap too, and nothing that is staged heals it.
        fixture.Options.PublishBeyond = 0;
        await fixture.Ledgers.VisitAsync(Ledger, Cancel);
        fixture.Ledgers.MarkForwarded(Ledger, 501);
        await LedgerFixture.WaitAsync(() => fixture.Head().Staged is not { Puts.Length: > 0 });
    }

    private static Task<StoreReport> CheckAsync(MemoryLedgerStore store, LedgerFixture fixture) =>
        new LedgerChecker(
            new StoreToCheck(store),
            (id, _) => new(id == fixture.Certifier.KeyId ? fixture.Certifier.PublicKey.Public : null),
            LedgerFixture.FindMediatorAsync).CheckAsync(null, Cancel);

    // What is staged stands in the head's blob.
    private static CheckRule RuleOf(CheckFinding finding) => finding.Rule == CheckRule.Staged ? CheckRule.Head : finding.Rule;

    private static async Task FindsAsync(LedgerFixture fixture, string name, byte[]? content, CheckRule rule)
    {
        var copy = fixture.Store.Clone();
        copy.Set(name, content);
        var report = await CheckAsync(copy, fixture);
        var ledger = Assert.Single(report.Ledgers);
        Assert.True(
            ledger.Findings.Any(finding => RuleOf(finding) == rule && $"{Ledger}/{finding.Blob}" == name),
            $"{name}: {string.Join('\n', ledger.Findings)}");
    }
}
