using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>What a commit writes, when, and what of it another process finds.</summary>
public sealed class OneWriteTests
{
    private static readonly string Head = LedgerPaths.Head(TestNegotiation.Name);

    [Fact]
    public async Task CommitAsync_OfALedgerThatHasBegun_IsOneConditionalWrite()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.RestsAfter = TimeSpan.FromHours(1);
        var chain = fixture.Chain(20);
        await fixture.CommitAsync(chain[0]);
        await AfterAsync(fixture);
        Assert.Equal([Head, LedgerPaths.Marker(TestNegotiation.Name)], Changes(fixture));
        foreach (var envelope in chain[1..])
        {
            var calls = fixture.Faults.Calls;
            Assert.True((await fixture.CommitAsync(envelope)).IsLogged);
            Assert.Equal(1, fixture.Faults.Calls - calls);
        }

        Assert.Equal([Head, LedgerPaths.Marker(TestNegotiation.Name)], Changes(fixture));
        Assert.Equal(21, fixture.Head().State.Size);
    }

    [Fact]
    public async Task CommitAsync_MoreBehindTheHeadThanMayStay_IsPublishedAndLeavesTheNextHead()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = 20_000;
        var chain = fixture.Chain(120);
        var published = 0;
        for (var i = 0; i < chain.Length; i++)
        {
            var staged = fixture.Store.Find(Head) is null ? 0 : fixture.Head().Staged?.Bytes.Length ?? 0;
            await fixture.CommitAsync(chain[i]);
            if ((fixture.Head().Staged?.Bytes.Length ?? 0) < staged) published++;
        }

        Assert.InRange(published, 3, 12);
        Assert.InRange(fixture.Head().Staged!.Bytes.Length, 1, 22_000);
        // A bundle and a tile that are in their places, those before them until the next head, and nothing older.
        Assert.InRange(fixture.Store.Names.Count(name => name.Contains("/tile/entries/", StringComparison.Ordinal)), 1, 2);
        for (var i = 0; i < chain.Length; i += 17)
        {
            var again = await fixture.CommitAsync(chain[i], fixture.AddWorker());
            Assert.Equal((Verdict.Duplicate, i + 1L), (again.Ruling!.Verdict, again.Index));
            fixture.Check(chain[i], again);
        }
    }

    [Fact]
    public async Task CommitAsync_WhatWaitsForAGap_GetsNoPlaceOfItsOwnUnlessItIsMuch()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = 4_000;
        var chain = fixture.Chain(80);
        await fixture.CommitAsync(chain[0]);
        var outcomes = await Task.WhenAll(chain[70..].Select(envelope => fixture.CommitAsync(envelope)));
        Assert.All(outcomes, outcome => Assert.Equal(Verdict.Held, outcome.Ruling!.Verdict));
        foreach (var envelope in chain[1..20]) await fixture.CommitAsync(envelope);
        await AfterAsync(fixture);
        Assert.Contains(fixture.Store.Names, name => name.Contains("/tile/entries/", StringComparison.Ordinal));
        Assert.DoesNotContain(fixture.Store.Names, IsHeld);
        Assert.Equal(10, fixture.Head().Staged!.Puts.Count(put => IsHeld(put.Name)));

        await Task.WhenAll(chain[40..70].Select(envelope => fixture.CommitAsync(envelope)));
        await AfterAsync(fixture);
        Assert.Contains(fixture.Store.Names, IsHeld);
        foreach (var envelope in chain[20..40]) await fixture.CommitAsync(envelope, fixture.AddWorker());
        // The policy and all of them, whichever way each came.
        Assert.Equal(81, fixture.Head().State.Size);
        fixture.Check(chain[75], await fixture.CommitAsync(chain[75]));

        static bool IsHeld(string name) => name.StartsWith(LedgerPaths.HeldOf(TestNegotiation.Name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitAsync_AnotherWorkerCommitsBetween_WhatIsInPlaceIsNotPutAgain()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = 4_000;
        var other = fixture.AddWorker();
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(61);
        await fixture.CommitAsync(chain[0]);
        var before = fixture.Faults.Log.Count;
        for (var i = 1; i < chain.Length; i += 2)
        {
            await fixture.CommitAsync(chain[i]);
            await fixture.CommitAsync(chain[i + 1], other);
        }

        await stop();
        var puts = fixture.Faults.Log[before..].Where(call => call.StartsWith("create ", StringComparison.Ordinal)).CountBy(call => call);
        Assert.Contains(puts, pair => pair.Key.Contains("/certificate/", StringComparison.Ordinal));
        // Once by each worker.
        Assert.All(puts.Where(pair => !LedgerPaths.IsPartial(pair.Key)), pair => Assert.InRange(pair.Value, 1, 2));
    }

    [Fact]
    public async Task CommitAsync_OthersHaveCommitted_TheirStreamsAreToldOf()
    {
        await using var fixture = new LedgerFixture();
        var told = new List<(string Negotiation, long Last)>();
        var worker = fixture.AddWorker(moved: (name, state) => told.Add((name, state.Streams[0].Last)));
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(4);
        await fixture.CommitAsync(chain[0], worker);
        await fixture.CommitAsync(chain[1], worker);
        Assert.Empty(told);

        await fixture.CommitAsync(chain[2]);
        await fixture.CommitAsync(chain[3], worker);
        await stop();
        Assert.Equal([(TestNegotiation.Name, 3L)], told);
    }

    [Fact]
    public async Task CommitAsync_TwoWorkersInTurn_LeaveNoPartThatNobodyNeeds()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = 5_000;
        var other = fixture.AddWorker();
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(60);
        for (var i = 0; i < chain.Length; i++)
        {
            Assert.True((await fixture.CommitAsync(chain[i], i / 3 % 2 == 0 ? null : other)).IsEntry);
        }

        await stop();
        var head = fixture.Head();
        Assert.NotNull(head.Staged);
        var known = LedgerPaths.PartialsOf(TestNegotiation.Name, head.State)
            .Concat(head.Staged!.Deletes)
            .Concat(head.Staged.Garbage)
            .Concat(head.Staged.Puts.Select(put => put.After?.Name ?? ""));
        // What the worker that lost last had published goes when that worker looks again.
        foreach (var worker in new[] { fixture.Ledgers, other })
        {
            Assert.True(await worker.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        }

        Assert.Empty(fixture.Store.Names.Where(LedgerPaths.IsPartial).Except(known));
    }

    [Fact]
    public async Task MarkForwarded_NothingElseIsCommitted_IsCommittedAfterTheDelayAndTogether()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.MarkDelay = TimeSpan.FromSeconds(20);
        var worker = fixture.AddWorker();
        var chain = fixture.Chain(3);
        foreach (var envelope in chain) await fixture.CommitAsync(envelope, worker);
        var commit = fixture.Head().State.Commit;
        for (var index = 1; index <= 3; index++) worker.MarkForwarded(TestNegotiation.Name, index);
        // This process knows it at once.
        Assert.False((await fixture.CommitAsync(chain[2], worker)).Forward);
        Assert.Empty(fixture.Head().State.Outstanding);
        Assert.Equal(commit + 1, fixture.Head().State.Commit);

        var last = fixture.Make(4, chain[2].Envelope.Digest);
        await fixture.CommitAsync(last, worker);
        worker.MarkForwarded(TestNegotiation.Name, 4);
        Assert.Single(fixture.Head().State.Outstanding);
        await LedgerFixture.WaitAsync(() =>
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(21));
            return fixture.Head().State.Outstanding.IsEmpty;
        });
        Assert.Equal(commit + 3, fixture.Head().State.Commit);
    }

    [Fact]
    public async Task MarkForwarded_ProcessDiesBeforeItIsCommitted_TheEnvelopeIsForwardedAgainIfItComesAgain()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.MarkDelay = TimeSpan.FromHours(1);
        var dies = fixture.AddWorker();
        var chain = fixture.Chain(2);
        foreach (var envelope in chain) await fixture.CommitAsync(envelope, dies);
        dies.MarkForwarded(TestNegotiation.Name, 1);

        var outcome = await fixture.CommitAsync(chain[0], fixture.AddWorker());

        Assert.Equal((Verdict.Duplicate, true), (outcome.Ruling!.Verdict, outcome.Forward));
        fixture.Check(chain[0], outcome);
    }

    [Fact]
    public async Task VisitAsync_LedgerInHandAndUnchanged_IsOneRead()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.RestsAfter = TimeSpan.FromHours(1);
        var other = fixture.AddWorker();
        foreach (var envelope in fixture.Chain(5)) await fixture.CommitAsync(envelope);
        foreach (var (worker, reads) in new[] { (fixture.Ledgers, 1), (other, 1), (other, 1) })
        {
            var calls = fixture.Faults.Calls;
            Assert.True(await worker.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
            Assert.Equal(reads, fixture.Faults.Calls - calls);
        }
    }

    [Fact]
    public async Task VisitAsync_LedgerAtRest_IsPublishedWholeOnce()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.RestsAfter = TimeSpan.FromHours(1);
        await Task.WhenAll(fixture.Chain(5).Select(envelope => fixture.CommitAsync(envelope)));
        for (var index = 1; index <= 5; index++) fixture.Ledgers.MarkForwarded(TestNegotiation.Name, index);
        await LedgerFixture.WaitAsync(() => fixture.Head().State.Outstanding.IsEmpty);
        fixture.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(await fixture.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        Assert.Null(fixture.Store.Find(LedgerPaths.Checkpoint(TestNegotiation.Name)));
        fixture.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(await fixture.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));

        Assert.Equal(
            fixture.Head().Checkpoint.Bytes.ToArray(),
            fixture.Store.Find(LedgerPaths.Checkpoint(TestNegotiation.Name))!.Content.ToArray());
        Assert.All(LedgerPaths.PartialsOf(TestNegotiation.Name, fixture.Head().State), name => Assert.Contains(name, fixture.Store.Names));
        var changes = fixture.Store.Names.Select(name => fixture.Store.Find(name)!.ETag).ToList();
        Assert.True(await fixture.AddWorker().VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));
        Assert.Equal(changes, fixture.Store.Names.Select(name => fixture.Store.Find(name)!.ETag));
    }

    [Fact]
    public async Task VisitAsync_AtRestWithAllElseInItsPlace_MendsTheCheckpointThatADyingWorkerTore()
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.RestsAfter = TimeSpan.FromHours(1);
        fixture.Options.PublishBeyond = 0;
        foreach (var envelope in fixture.Chain(3)) await fixture.CommitAsync(envelope);
        for (var index = 1; index <= 3; index++) fixture.Ledgers.MarkForwarded(TestNegotiation.Name, index);
        await LedgerFixture.WaitAsync(() => fixture.Head().State.Outstanding.IsEmpty);
        await AfterAsync(fixture);
        var name = LedgerPaths.Checkpoint(TestNegotiation.Name);
        fixture.Store.Set(name, fixture.Store.Find(name)!.Content[..40], intact: false);
        fixture.Time.Advance(TimeSpan.FromMinutes(61));

        await AfterAsync(fixture);

        Assert.True(fixture.Store.Find(name)!.Intact);
        Assert.Equal(fixture.Head().Checkpoint.Bytes.ToArray(), fixture.Store.Find(name)!.Content.ToArray());
    }

    // What a commit does after its answer is done before a visit that comes after it.
    private static async Task AfterAsync(LedgerFixture fixture) =>
        Assert.True(await fixture.Ledgers.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken));

    private static IEnumerable<string> Changes(LedgerFixture fixture) => fixture.Store.Names.OrderDescending(StringComparer.Ordinal);
}
