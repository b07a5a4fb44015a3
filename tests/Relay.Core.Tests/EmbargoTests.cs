using Relay.Core.Rulings;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Tests;

/// <summary>An embargo is kept to the second, by the services' clock, and the receipt shows it.</summary>
public sealed class EmbargoTests
{
    [Fact]
    public async Task Relay_SeveralOfOneInstant_AllWaitForItAndAllGoAtIt()
    {
        await using var fixture = new PipelineFixture();
        var begins = fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(3);
        var wires = await StreamAsync(fixture, begins, 20);
        fixture.Time.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromMilliseconds(1));
        foreach (var wire in wires)
        {
            var early = await fixture.RelayAsync(wire);
            Assert.Equal((Verdict.Embargoed, begins), (early.Verdict, early.Until));
        }
        Assert.Empty(fixture.Forwarder.Forwarded);

        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        foreach (var wire in wires) Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
        Assert.Equal(20, fixture.Forwarder.Forwarded.Count);
        Assert.All(
            fixture.Forwarder.Forwarded,
            sent =>
            {
                Assert.True(Receipt.TryParse(sent.Receipt, out var receipt, out _, out var error), error);
                Assert.Equal(begins, receipt.Entry.At);
            });
    }

    [Fact]
    public async Task Relay_OnAMachineWhoseClockIsAhead_WaitsForTheServicesTime()
    {
        await using var fixture = new PipelineFixture();
        var now = fixture.Time.GetUtcNow();
        fixture.Clock.Observe(now - TimeSpan.FromSeconds(40));
        // It has begun by this machine's clock, and begins in 30 s by everybody else's.
        var wire = (await StreamAsync(fixture, now - TimeSpan.FromSeconds(10), 1))[0];
        Assert.Equal(Verdict.Embargoed, (await fixture.RelayAsync(wire)).Verdict);
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(wire)).Verdict);
    }

    private static async Task<List<byte[]>> StreamAsync(PipelineFixture fixture, DateTimeOffset begins, int count)
    {
        var wires = new List<byte[]>();
        Digest? previous = null;
        for (var sequence = 1; sequence <= count; sequence++)
        {
            var draft = fixture.Negotiation.Draft();
            draft = draft with
            {
                Id = draft.Id with { Sequence = sequence },
                Previous = previous,
                IssuedAt = begins < draft.IssuedAt ? begins : draft.IssuedAt,
                NotBefore = begins,
            };
            previous = Protocol.Envelopes.SealedEnvelope.Create(draft).Digest;
            wires.Add(await fixture.Negotiation.SignAsync(draft, "qatar", "oman"));
        }

        return wires;
    }
}
