using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Core.Tests.Early;

/// <summary>The pipeline with envelopes that come far ahead of their turn.</summary>
public sealed class EarlyPipelineTests
{
    private const int Count = 300;

    [Fact]
    public async Task Relay_AStreamFromItsEnd_IsForwardedWholeWithoutACopy()
    {
        await using var fixture = new PipelineFixture();
        var wires = await StreamAsync(fixture);
        var rulings = new List<Ruling>();
        foreach (var wire in Enumerable.Reverse(wires)) rulings.Add(await fixture.RelayAsync(wire));

        var reach = LedgerLimits.ReachOf(3);
        Assert.Equal(Count - reach - 1, rulings.Count(ruling => ruling.Verdict == Verdict.HoldFull));
        var farthest = rulings[0];
        Assert.Equal((1, TimeSpan.FromSeconds(30)), (farthest.Next, farthest.RetryFrom));
        Assert.Contains("expected sequence 1, or", farthest.Description, StringComparison.Ordinal);
        Assert.All(rulings.Where(ruling => ruling.Verdict == Verdict.Held), held => Assert.Equal(1, held.Next));

        await TestDeadline.Until(() => fixture.Forwarder.Forwarded.DistinctBy(sent => sent.Id).Count() == Count, "all are forwarded");
        Assert.Equal(Count, fixture.Forwarder.Forwarded.Count);
        await TestDeadline.Until(() => fixture.Early.Count == 0, "none is kept");
        // Their copies come, and are duplicates that need no forwarding.
        Assert.Equal(Verdict.Duplicate, (await fixture.RelayAsync(wires[^1])).Verdict);
        Assert.Equal(Count, fixture.Forwarder.Forwarded.Count);
    }

    private static async Task<List<byte[]>> StreamAsync(PipelineFixture fixture)
    {
        var wires = new List<byte[]>();
        Digest? previous = null;
        for (var sequence = 1; sequence <= Count; sequence++)
        {
            var draft = fixture.Negotiation.Draft();
            draft = draft with { Id = draft.Id with { Sequence = sequence }, Previous = previous };
            previous = Protocol.Envelopes.SealedEnvelope.Create(draft).Digest;
            wires.Add(await fixture.Negotiation.SignAsync(draft, "qatar", "oman"));
        }

        return wires;
    }
}
