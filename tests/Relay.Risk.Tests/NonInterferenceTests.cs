using System.Globalization;
using Relay.Protocol.Envelopes;

namespace Relay.Risk.Tests;

/// <summary>
/// What is said has no part in the signals: two runs that differ only in the bytes of their content, of equal length, and so in every
/// hash, digest and signature, give the same. RELAY_PAIRS runs more of them.
/// </summary>
public sealed class NonInterferenceTests
{
    private static int Pairs =>
        int.TryParse(
            Environment.GetEnvironmentVariable("RELAY_PAIRS"), NumberStyles.None, CultureInfo.InvariantCulture, out var pairs) ? pairs : 100;

    [Fact]
    public void Signals_OfRunsThatDifferOnlyInContent_AreTheSameBytes()
    {
        for (var pair = 0; pair < Pairs; pair++)
        {
            var (one, digests) = Run(pair, content: 1);
            var (other, otherDigests) = Run(pair, content: 2);
            Assert.Empty(digests.Intersect(otherDigests));
            Assert.True(one.AsSpan().SequenceEqual(other), $"pair {pair}");
        }
    }

    // And a run that differs in metadata does not.
    [Fact]
    public void Signals_OfRunsThatDifferInTime_Differ() =>
        Assert.NotEqual(Run(1, content: 1).Signals, Run(1, content: 1, late: 0.001).Signals);

    private static (byte[] Signals, List<Protocol.Text.Digest> Digests) Run(int seed, byte content, double late = 0)
    {
        var random = new Samples(seed);
        var ledger = new MadeUpLedger();
        var digests = new List<Protocol.Text.Digest>();
        var at = 0.0;
        string[][] quorums = [["oman", "qatar"], ["qatar", "swiss"], ["oman", "qatar", "swiss"]];
        for (var i = 0; i < 12; i++)
        {
            at += 30 * random.Exponential();
            var sender = random.Uniform() < 0.5 ? "us" : "iran";
            var lane = random.Uniform() < 0.8 ? Lane.Normal : Lane.Urgent;
            string[] audience = random.Uniform() < 0.7 ? [sender == "us" ? "iran" : "us"] : ["oslo"];
            var quorum = quorums[(int)(3 * random.Uniform())];
            var head = ledger.Send(sender, at + (i == 11 ? late : 0), audience, quorum, 5 * random.Uniform(), lane, content);
            digests.Add(head.Digest);
            if (random.Uniform() < 0.1) ledger.Equivocate(head, at, quorum, ["qatar"]);
        }
        return (SignalEvent.Write(ledger.Compute(at + 60), "relay.example"), digests);
    }
}
