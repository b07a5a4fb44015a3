using System.Security.Cryptography;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests.Ledger.Rules;

public sealed class DecisionPropertyTests
{
    [Fact]
    public void Decide_AnyOrderDuplicationAndGrouping_EndsInTheSameStreams()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        for (var round = 0; round < 200; round++)
        {
            var random = new Random(seed + round);
            var chains = new[] { DecisionModel.Chain(12), DecisionModel.Chain(9, "iran"), DecisionModel.Chain(5, "us", Lane.Urgent) };
            var arrivals = chains.SelectMany(chain => chain).ToList();
            arrivals.AddRange(arrivals.Where(_ => random.Next(3) == 0).ToList());
            var order = arrivals.ToArray();
            random.Shuffle(order);
            var model = new DecisionModel();
            for (var at = 0; at < order.Length;)
            {
                var count = Math.Min(random.Next(1, 8), order.Length - at);
                var forwarded = model.State.Outstanding.Where(_ => random.Next(2) == 0).Select(entry => entry.Index).ToArray();
                var decision = model.Commit(order[at..(at + count)], forwarded);
                Assert.All(
                    decision.Rulings,
                    ruling => Assert.True(
                        ruling.Ruling?.Reason is null or ReasonCodes.Held or ReasonCodes.Duplicate, $"seed {seed + round}: {ruling}"));
                at += count;
            }

            foreach (var chain in chains)
            {
                var stream = model.Stream(chain[0].Id.Sender, chain[0].Id.Lane);
                Assert.True(
                    stream.Last == chain.Length && stream.Digest == chain[^1].Head.Digest && stream.Held.IsEmpty,
                    $"seed {seed + round}");
                var logged = model.Entries.OfType<EnvelopeEntry>()
                    .Where(entry => entry.Id.Stream == chain[0].Id.Stream)
                    .Select(entry => entry.Digest);
                Assert.Equal(chain.Select(envelope => envelope.Head.Digest), logged);
            }

            Assert.Single(model.Entries.OfType<PolicyEntry>());
            // What is left in blobs is exactly what is still held or released and not forwarded, and the one document.
            Assert.Equal(model.State.Outstanding.Count(entry => entry.Released is not null) + 1, model.Blobs.Count);
        }
    }

    [Fact]
    public void Decide_StrayEnvelopesAmongAChain_NeverChangeWhatIsLoggedOfIt()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        for (var round = 0; round < 200; round++)
        {
            var random = new Random(seed + round);
            var chain = DecisionModel.Chain(8);
            // Strays come after the true envelope of their sequence: first come, first logged is all that a relay can know.
            var arrivals = new List<Candidate>();
            foreach (var envelope in chain)
            {
                arrivals.Insert(random.Next(arrivals.Count + 1), envelope);
            }

            for (var i = 0; i < 6; i++)
            {
                var like = chain[random.Next(chain.Length)];
                var stray = DecisionModel.Make(like.Id.Sequence, like.Head.Previous, content: $"stray {i}");
                arrivals.Insert(random.Next(arrivals.IndexOf(like) + 1, arrivals.Count + 1), stray);
            }

            var model = new DecisionModel();
            foreach (var envelope in arrivals)
            {
                model.Commit(envelope);
            }

            Assert.Equal(
                chain.Select(envelope => envelope.Head.Digest), model.Entries.OfType<EnvelopeEntry>().Select(entry => entry.Digest));
            Assert.True(model.Entries.OfType<EvidenceEntry>().Count() == 6, $"seed {seed + round}");
        }
    }
}
