using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Testing;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>What two workers that commit to one ledger in turn read of it, and what they do when that was damaged.</summary>
public sealed class SharedLedgerTests
{
    [Fact]
    public async Task CommitAsync_TwoWorkersInTurn_EachReadsWhatHeadsStandOnOnce()
    {
        await using var fixture = Shared(publishBeyond: 20_000, out var other);
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(160);
        for (var i = 0; i < chain.Length; i++)
        {
            // Two at a time: the second stands on what was published after the first.
            Assert.True((await fixture.CommitAsync(chain[i], i / 2 % 2 == 0 ? null : other)).IsLogged);
        }

        await stop();
        var calls = fixture.Faults.Log.CountBy(call => call).ToDictionary(StringComparer.Ordinal);
        var partial = calls.Where(call => LedgerPaths.IsPartial(call.Key)).ToList();
        var reads = partial.Where(call => call.Key.StartsWith("get ", StringComparison.Ordinal)).Sum(call => call.Value);
        var puts = partial.Where(call => call.Key.StartsWith("create ", StringComparison.Ordinal)).Sum(call => call.Value);
        Assert.True(puts > 10, $"expected more than 10 partial blobs to be published, got {puts}");
        // By the worker that did not publish it; and what each read before it had won its first swap.
        Assert.InRange(reads, 1, puts + 6);
    }

    // The edge of the tree, which is read with each head; a stream's index, which is read for a decision.
    [Theory]
    [InlineData("/tile/")]
    [InlineData("/stream/")]
    public async Task CommitAsync_WhatTheOtherPublishedIsReadDamaged_IsReadAgainOnceItIsRight(string part)
    {
        await using var fixture = Shared(publishBeyond: 5_000, out var other);
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(200);
        var next = 0;
        Dictionary<string, ReadOnlyMemory<byte>> published = [];
        while (next < 20 || published.Count == 0)
        {
            Assert.True((await fixture.CommitAsync(chain[next++], other)).IsLogged);
            var before = Partials(fixture);
            Assert.True((await fixture.CommitAsync(chain[next++])).IsLogged);
            published = Partials(fixture).Where(blob => !before.ContainsKey(blob.Key) && blob.Key.Contains(part, StringComparison.Ordinal))
                .ToDictionary(StringComparer.Ordinal);
            if (published.Count > 0) Assert.True((await fixture.CommitAsync(chain[next++])).IsLogged);
        }

        foreach (var (name, content) in published) fixture.Store.Set(name, Flipped(content));
        Assert.Equal(Verdict.LedgerDamaged, (await fixture.CommitAsync(chain[next], other)).Ruling!.Verdict);
        foreach (var (name, content) in published) fixture.Store.Set(name, content);
        Assert.True((await fixture.CommitAsync(chain[next], other)).IsLogged);
        Assert.True((await fixture.CommitAsync(chain[next + 1])).IsLogged);
        await stop();
        fixture.Check(chain[next], await fixture.CommitAsync(chain[next], fixture.AddWorker()));

        static byte[] Flipped(ReadOnlyMemory<byte> content)
        {
            var bytes = content.ToArray();
            bytes[^1] ^= 1;
            return bytes;
        }
    }

    // The other worker leaves it to the fixture's to publish.
    private static LedgerFixture Shared(int publishBeyond, out NegotiationLedgers other)
    {
        var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = publishBeyond;
        fixture.Options.RestsAfter = TimeSpan.FromHours(1);
        other = fixture.AddWorker(chance: 1);
        return fixture;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Partials(LedgerFixture fixture) => fixture.Store.Names
        .Where(LedgerPaths.IsPartial)
        .ToDictionary(name => name, name => fixture.Store.Find(name)!.Content, StringComparer.Ordinal);
}
