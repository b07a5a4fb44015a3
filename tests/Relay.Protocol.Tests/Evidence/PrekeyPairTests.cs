using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Which two entries about prekeys fit one ledger, and which do not.</summary>
public sealed class PrekeyPairTests : IDisposable
{
    private static readonly DateTimeOffset At = LedgerSamples.Start.AddMinutes(8);

    private readonly EvidenceSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Shows_OfAChainThatGoesOn_IsNothingBetweenAnyTwo()
    {
        var lies = new PrekeyLies(_samples, 9);
        var first = await lies.BundleAsync(0, 3, 7, 3);
        var digest = first.Bundle.Digest;
        var second = await lies.BundleAsync(6, 5, 10, 2);
        var next = second.Bundle.Digest;
        LedgerEntry[] entries =
        [
            new HeartbeatEntry { At = At }, new HeartbeatEntry { At = At },
            first, new HeartbeatEntry { At = At },
            await lies.ClaimAsync(2, 3, digest, 7, 1, "nn", 1, 2), new HeartbeatEntry { At = At },
            await lies.ClaimAsync(4, 3, digest, 9, 0, "rns", 1, 3, 4), await lies.ClaimAsync(6, 3, digest, 0, 0, "s", 4),
            second, await lies.ClaimAsync(8, 5, next, 10, 1, "n", 4), await lies.BundleAsync(9, 6, 12, 0),
        ];
        for (var i = 0; i < entries.Length; i++)
        {
            for (var j = 0; j < entries.Length; j++)
            {
                Assert.Null(EvidencePair.Find(Leaf(i, entries[i]), Leaf(j, entries[j])));
            }
        }
    }

    [Fact]
    public async Task Shows_OfOneThatDoesNotGoOn_IsItsLie()
    {
        var lies = new PrekeyLies(_samples, 9);
        var bundle = await lies.BundleAsync(0, 3, 7, 3);
        var digest = bundle.Bundle.Digest;
        var claim = await lies.ClaimAsync(3, 3, digest, 7, 2, "n", 1);
        async Task<ClaimEntry> AfterAsync(long first, int left, string marks, long number = 3, Digest? of = null, long previous = 3) =>
            await lies.ClaimAsync(previous, number, of ?? digest, first, left, marks, 5);
        (LedgerEntry One, LedgerEntry Two)[] broken =
        [
            // A key passed over; the session key while keys are left; keys kept back; another bundle, or another of its number.
            (bundle, await AfterAsync(8, 2, "n")), (bundle, await AfterAsync(0, 0, "s")), (bundle, await AfterAsync(7, 1, "n")),
            (bundle, await AfterAsync(7, 2, "n", number: 2)), (bundle, await AfterAsync(7, 2, "n", of: Digest.Of([1]))),
            (claim, await AfterAsync(9, 1, "n")), (claim, await AfterAsync(0, 0, "s")), (claim, await AfterAsync(8, 0, "n")),
            // What is no link of the chain; one that comes later; one that was left out.
            (new HeartbeatEntry { At = At }, await AfterAsync(7, 2, "n")),
            (await AfterAsync(0, 0, "s"), await AfterAsync(7, 2, "n")),
            (bundle, await AfterAsync(7, 2, "n", previous: 5)), (bundle, await AfterAsync(7, 2, "n", previous: 2)),
            // Bundles: a number that does not grow, ids that come back, one that the next does not know of.
            (bundle, await lies.BundleAsync(3, 3, 10, 1)), (bundle, await lies.BundleAsync(3, 4, 9, 1)),
            (bundle, await lies.BundleAsync(2, 4, 10, 1)), (claim, await lies.BundleAsync(3, 4, 9, 1)),
            (claim, await lies.BundleAsync(3, 3, 10, 1)), (bundle, await lies.BundleAsync(0, 4, 10, 1)),
        ];
        for (var i = 0; i < broken.Length; i++)
        {
            var (one, two) = (Leaf(3, broken[i].One), Leaf(5, broken[i].Two));
            Assert.True(EvidencePair.Find(one, two) == LieKind.BrokenPrekeys, $"row {i}");
            Assert.True(EvidencePair.Find(two, one) == LieKind.BrokenPrekeys, $"row {i}");
            Assert.False(EvidencePair.Shows(LieKind.PrekeyTwice, one, two, out _));
        }

        Assert.Equal(LieKind.PrekeyTwice, EvidencePair.Find(Leaf(5, claim), Leaf(9, await AfterAsync(7, 1, "n", previous: 5))));
        Assert.Equal(LieKind.PrekeyTwice, EvidencePair.Find(Leaf(5, claim), Leaf(9, await AfterAsync(7, 1, "n", number: 9, previous: 8))));
    }

    private static EvidenceLeaf Leaf(long index, LedgerEntry entry) => new(index, entry.ToBytes(), []);
}
