using System.Text;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.Commit;

public sealed class NegotiationLedgersTests
{
    [Fact]
    public async Task CommitAsync_Chain_IsLoggedInOrderWithReceiptsThatHold()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(600);
        for (var i = 0; i < chain.Length;)
        {
            var count = Math.Min(i % 7 * 13 + 1, chain.Length - i);
            var outcomes = await Task.WhenAll(chain[i..(i + count)].Select(envelope => fixture.CommitAsync(envelope)));
            for (var k = 0; k < count; k++)
            {
                Assert.True(outcomes[k].IsLogged, outcomes[k].Ruling?.Description);
                Assert.Equal(i + k + 1, outcomes[k].Index);
                Assert.True(outcomes[k].Forward);
                fixture.Check(chain[i + k], outcomes[k]);
                fixture.Ledgers.MarkForwarded(TestNegotiation.Name, outcomes[k].Index);
            }

            i += count;
        }

        Assert.Equal(1, fixture.Certifier.Signatures);
        Assert.Equal(601, fixture.Head().State.Size);
        // Marks that no other commit took along are committed before the process ends.
        await fixture.Ledgers.DisposeAsync();
        Assert.Empty(fixture.Head().State.Outstanding);
        AssertNoLitter(fixture);
    }

    [Fact]
    public async Task CommitAsync_Again_IsADuplicateWithAReceiptEvenFromAColdStart()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(300);
        await Task.WhenAll(chain.Select(envelope => fixture.CommitAsync(envelope)));
        fixture.Ledgers.MarkForwarded(TestNegotiation.Name, 7);
        var other = fixture.AddWorker();
        foreach (var worker in new[] { fixture.Ledgers, other })
        {
            for (var i = 0; i < chain.Length; i++)
            {
                var outcome = await fixture.CommitAsync(chain[i], worker);
                Assert.Equal((Verdict.Duplicate, i + 1L, i != 6), (outcome.Ruling!.Verdict, outcome.Index, outcome.Forward));
                Assert.Equal(Verdict.Duplicate, outcome.Ruling!.Verdict);
                Assert.Equal(chain[i].Envelope.Id, outcome.Ruling.Id);
                fixture.Check(chain[i], outcome);
            }
        }
    }

    [Fact]
    public async Task CommitAsync_DuplicateBesideANewOne_GetsAReceiptThatHolds()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(3);
        await fixture.CommitAsync(chain[0]);
        var outcomes = await Task.WhenAll(
            fixture.CommitAsync(chain[1]), fixture.CommitAsync(chain[0]), fixture.CommitAsync(chain[2]), fixture.CommitAsync(chain[1]));
        Assert.Equal([2, 1, 3, 2], outcomes.Select(outcome => outcome.Index));
        fixture.Check(chain[1], outcomes[0]);
        fixture.Check(chain[0], outcomes[1]);
        fixture.Check(chain[2], outcomes[2]);
        fixture.Check(chain[1], outcomes[3]);
    }

    [Fact]
    public async Task CommitAsync_GapFilled_ReleasesAreForwardedWithReceiptsThatHold()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(4);
        await fixture.CommitAsync(chain[0]);
        Assert.Equal(Verdict.Held, (await fixture.CommitAsync(chain[3])).Ruling!.Verdict);
        Assert.Equal(Verdict.Held, (await fixture.CommitAsync(chain[2])).Ruling!.Verdict);
        var other = fixture.AddWorker();

        Assert.Null((await fixture.CommitAsync(chain[1], other)).Ruling);

        await LedgerFixture.WaitAsync(() => fixture.Releases.Forwarded.Count == 2);
        foreach (var (index, envelope, receipt) in fixture.Releases.Forwarded)
        {
            fixture.Check(chain[envelope.Id.Sequence - 1], new CommitOutcome { Index = index, Receipt = receipt });
            Assert.Equal(chain[envelope.Id.Sequence - 1].Envelope.Wire.ToArray(), envelope.Wire.ToArray());
        }

        Assert.Equal([3, 4], fixture.Releases.Forwarded.Select(release => release.Envelope.Id.Sequence));
        await LedgerFixture.WaitAsync(() => fixture.Head().State.Outstanding.All(entry => entry.Released is null));
        await LedgerFixture.WaitAsync(() => !fixture.Store.Names.Any(name => name.Contains("/held/", StringComparison.Ordinal)));
        await other.DisposeAsync();
    }

    [Fact]
    public async Task CommitAsync_LongGapFilled_ReleasesShareTheCommitsOfTheirMarks()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(61);
        await Task.WhenAll(chain[1..].Select(envelope => fixture.CommitAsync(envelope)));
        var before = fixture.Head().State.Commit;

        await fixture.CommitAsync(chain[0]);

        await LedgerFixture.WaitAsync(() => fixture.Head().State.Outstanding.All(entry => entry.Released is null));
        Assert.Equal(60, fixture.Releases.Forwarded.Count);
        Assert.InRange(fixture.Head().State.Commit - before, 2, 25);
    }

    [Fact]
    public async Task CommitAsync_ForwardingOfAReleaseThrows_IsTriedAgainAndHoldsUpNothing()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(4);
        var throws = true;
        fixture.Releases.Answer = index => throws && index == 2 ? throw new InvalidOperationException("not foreseen") : null;
        await fixture.CommitAsync(chain[1]);
        await fixture.CommitAsync(chain[2]);

        await fixture.CommitAsync(chain[0]);

        await LedgerFixture.WaitAsync(() => fixture.Releases.Forwarded.Count == 1);
        Assert.Equal(3, fixture.Releases.Forwarded.Single().Index);
        throws = false;
        // It goes on for as long as marks are under way that wait on it, and slowly: an hour on, the release would have expired.
        var stop = fixture.PumpClock();
        await LedgerFixture.WaitAsync(() => fixture.Releases.Forwarded.Count == 2);
        var last = await fixture.CommitAsync(chain[3]);
        while (last.Ruling?.Verdict is Verdict.LedgerUnavailable) last = await fixture.CommitAsync(chain[3]);
        await stop();
        Assert.True(last.IsEntry);
    }

    [Fact]
    public async Task VisitAsync_ReleaseThatItsWorkerLeft_IsForwardedAfterAWhile()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(3);
        await fixture.CommitAsync(chain[0]);
        await fixture.CommitAsync(chain[2]);
        fixture.Releases.Answer = _ => "the topic is down";
        await fixture.CommitAsync(chain[1]);
        await fixture.Ledgers.DisposeAsync();
        fixture.Releases.Answer = _ => null;
        var other = fixture.AddWorker();

        Assert.True(await other.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        Assert.Empty(fixture.Releases.Forwarded);
        fixture.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.True(await other.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        await LedgerFixture.WaitAsync(() => !fixture.Releases.Forwarded.IsEmpty);

        var release = Assert.Single(fixture.Releases.Forwarded);
        fixture.Check(chain[2], new CommitOutcome { Index = release.Index, Receipt = release.Receipt });
        var names = new List<string>();
        await foreach (var name in other.ListAsync(TestContext.Current.CancellationToken))
        {
            names.Add(name);
        }

        Assert.Equal([TestNegotiation.Name], names);
    }

    [Fact]
    public async Task CommitAsync_Contradictions_LeaveEvidenceOnceAndSignals()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(2);
        await fixture.CommitAsync(chain[0]);
        var twin = fixture.Make(1, null, content: "twin");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(Verdict.Equivocation, (await fixture.CommitAsync(twin, i == 2 ? fixture.AddWorker() : null)).Ruling!.Verdict);
        }

        Assert.Equal(Verdict.BrokenChain, (await fixture.CommitAsync(fixture.Make(2, twin.Envelope.Digest))).Ruling!.Verdict);
        var fork2 = fixture.Make(2, chain[0].Envelope.Digest, seen: new SeenCheckpoint(2, twin.Envelope.Digest));
        Assert.Equal(Verdict.ForkSeen, (await fixture.CommitAsync(fork2)).Ruling!.Verdict);
        var fork99 = fixture.Make(2, chain[0].Envelope.Digest, seen: new SeenCheckpoint(99, twin.Envelope.Digest));
        Assert.Equal(Verdict.ForkSeen, (await fixture.CommitAsync(fork99)).Ruling!.Verdict);

        Assert.Equal(6, fixture.Head().State.Size);
        Assert.Equal(
            twin.Envelope.Wire.ToArray(),
            fixture.Head().Staged!.Find(LedgerPaths.Evidence(TestNegotiation.Name, twin.Envelope.Digest))!.Content.ToArray());
        await LedgerFixture.WaitAsync(() => fixture.Signals.Sent.Count == 4);
    }

    [Fact]
    public async Task CommitAsync_SeenOfEverySize_Fits()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(40);
        var roots = new Dictionary<long, Digest> { [0] = MerkleHash.Empty };
        foreach (var envelope in chain)
        {
            await fixture.CommitAsync(envelope);
            roots[fixture.Head().State.Size] = fixture.Head().State.Range.Root();
        }

        var cold = fixture.AddWorker();
        var previous = chain[^1].Envelope.Digest;
        var sequence = chain.Length;
        foreach (var (size, root) in roots)
        {
            var next = fixture.Make(++sequence, previous, seen: new SeenCheckpoint(size, root));
            var outcome = await fixture.CommitAsync(next, cold);
            Assert.True(outcome.IsLogged, $"size {size}: {outcome.Ruling?.Description}");
            previous = next.Envelope.Digest;
        }
    }

    [Fact]
    public async Task CommitAsync_ByAWorkerThatLookedBeforeTheLedgerWasBegun_WritesTheTilesOfItsHead()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(4);
        var early = fixture.AddWorker();
        Assert.True(await early.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        await fixture.CommitAsync(chain[0]);
        await fixture.CommitAsync(chain[2]);

        // Two entries at once: as many as the ledger has.
        Assert.Null((await fixture.CommitAsync(chain[1], early)).Ruling);

        // Its mark of what it released must not race with the next worker's commit: whoever loses pauses, and the clock stands still here.
        await LedgerFixture.WaitAsync(() => fixture.Head().State.Outstanding.All(entry => entry.Released is null));
        Assert.Null((await fixture.CommitAsync(chain[3], fixture.AddWorker())).Ruling);
        Assert.Equal(5, fixture.Head().State.Size);
    }

    [Fact]
    public async Task CommitAsync_VaultDown_IsUnavailableAndThenGoesOn()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(1);
        fixture.Certifier.IsAvailable = false;
        Assert.Equal(Verdict.LedgerUnavailable, (await fixture.CommitAsync(chain[0])).Ruling!.Verdict);
        Assert.Null(fixture.Store.Find(LedgerPaths.Head(TestNegotiation.Name)));
        fixture.Certifier.IsAvailable = true;
        fixture.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null((await fixture.CommitAsync(chain[0])).Ruling);
    }

    [Fact]
    public async Task CommitAsync_HeadLostOrRolledBackOrForeign_IsDamagedAndWritesNothing()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(4);
        await fixture.CommitAsync(chain[0]);
        await fixture.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken);
        var name = LedgerPaths.Head(TestNegotiation.Name);
        var old = fixture.Store.Find(name)!.Content;
        await fixture.CommitAsync(chain[1]);
        await fixture.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken);
        var good = fixture.Store.Find(name)!.Content;
        await using var foreign = new LedgerFixture();
        await foreign.CommitAsync(chain[0]);
        await foreign.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken);

        var stop = fixture.PumpClock();
        foreach (var content in new ReadOnlyMemory<byte>?[] { null, old, foreign.Store.Find(name)!.Content, good[..^1] })
        {
            fixture.Store.Set(name, content);
            Assert.Equal(Verdict.LedgerDamaged, (await fixture.CommitAsync(chain[2])).Ruling!.Verdict);
            Assert.DoesNotContain(fixture.Store.Names, other => other.Contains("entries/000.p/4", StringComparison.Ordinal));
        }

        // A worker that has seen nothing cannot tell an old head from the newest, but it can tell a lost one.
        fixture.Store.Set(name, null);
        Assert.Equal(Verdict.LedgerDamaged, (await fixture.CommitAsync(chain[2], fixture.AddWorker())).Ruling!.Verdict);
        fixture.Store.Set(name, good);
        Assert.Null((await fixture.CommitAsync(chain[2])).Ruling);
        await stop();
    }

    [Fact]
    public async Task CommitAsync_NewerDocument_IsAnEntryFirst()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(1);
        await fixture.CommitAsync(chain[0]);
        var text = Encoding.UTF8.GetString(TestNegotiation.Document())
            .Replace("\"version\": 7", "\"version\": 8", StringComparison.Ordinal);
        Assert.True(NegotiationDocument.TryParse(Encoding.UTF8.GetBytes(text), out var document, out _));
        fixture.Document = document;

        Assert.Equal(3, (await fixture.CommitAsync(fixture.Make(2, chain[0].Envelope.Digest))).Index);

        fixture.Document = TestNegotiation.ParsedDocument();
        var outdated = await fixture.CommitAsync(fixture.Make(4, null));
        Assert.Equal((Verdict.LedgerUnavailable, "policy-outdated"), (outdated.Ruling!.Verdict, outdated.Ruling.Reason));
    }

    [Fact]
    public async Task CommitAsync_AfterDispose_IsUnavailable()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(1);
        await fixture.Ledgers.DisposeAsync();
        Assert.Equal(Verdict.LedgerUnavailable, (await fixture.CommitAsync(chain[0])).Ruling!.Verdict);
    }

    [Fact]
    public async Task CommitAsync_MoreNegotiationsThanAreKept_AllGoOn()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.MaxLedgers = 2;
        var worker = fixture.AddWorker();
        foreach (var envelope in fixture.Chain(3))
        {
            Assert.Null((await fixture.CommitAsync(envelope, worker)).Ruling);
            for (var i = 0; i < 5; i++)
            {
                Assert.True(await worker.VisitAsync($"other-{i}", TestContext.Current.CancellationToken));
            }
        }
    }

    [Fact]
    public async Task CommitAsync_MoreNegotiationsThanAreKeptAndAllBusy_NoneIsReadAgain()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.MaxLedgers = 2;
        fixture.Options.MarkDelay = TimeSpan.FromHours(1);
        var worker = fixture.AddWorker();
        var chain = fixture.Chain(3);
        Assert.Null((await fixture.CommitAsync(chain[0], worker)).Ruling);
        // Until it is recorded that the entry is forwarded the ledger is not idle.
        worker.MarkForwarded(TestNegotiation.Name, 1);
        for (var i = 0; i < 40; i++) worker.MarkForwarded($"other-{i}", 1);
        Assert.False((await fixture.CommitAsync(chain[0], worker)).Forward);
    }

    [Fact]
    public async Task CommitAsync_FourWorkersRace_EachEnvelopeIsLoggedOnce()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.MaxAttempts = 100;
        var chains = new[] { fixture.Chain(60), fixture.Chain(60, "iran") };
        var pump = fixture.PumpClock();
        var workers = Enumerable.Range(0, 4).Select(_ => fixture.AddWorker()).ToList();
        await Task.WhenAll(workers.Select((worker, number) => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                var envelope = chains[number % 2][i];
                CommitOutcome outcome;
                do
                {
                    outcome = await fixture.CommitAsync(envelope, worker);
                }
                while (outcome.Ruling?.Verdict == Verdict.LedgerUnavailable);
                if (outcome.IsEntry) fixture.Check(envelope, outcome);
                else Assert.Equal(Verdict.Held, outcome.Ruling!.Verdict);
            }
        })));
        await pump();

        Assert.Equal(121, fixture.Head().State.Size);
        Assert.All(fixture.Head().State.Streams, stream => Assert.Equal(60, stream.Last));
    }

    // What is not full is what the head has, stands on, or says is to go.
    private static void AssertNoLitter(LedgerFixture fixture)
    {
        var head = fixture.Head();
        var staged = head.Staged ?? StagedCommit.Empty;
        var known = LedgerPaths.PartialsOf(TestNegotiation.Name, head.State).Concat(staged.Deletes).Concat(staged.Garbage);
        Assert.Empty(fixture.Store.Names.Where(LedgerPaths.IsPartial).Except(known));
        Assert.InRange(staged.Bytes.Length, 0, 65_536);
        Assert.Contains(LedgerPaths.Tile(TestNegotiation.Name, new TileId(TileId.EntriesLevel, 1, 256)), fixture.Store.Names);
    }
}
