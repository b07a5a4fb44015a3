using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// Says whether a world that has come to rest kept what the relay promises. Knows what was sent; believes nothing the relay says of itself.
/// </summary>
internal sealed class Judge(
    Plan plan,
    SimStore store,
    SimBus bus,
    IReadOnlyCollection<(Acknowledgement Said, AcknowledgementOutcome Outcome)> answered,
    string relayName,
    Func<KeyIdentifier, VerificationKey?> vaultKeys)
{
    private static readonly string[] LedgerReasons = ["equivocation", "broken-chain", "fork-seen"];

    private readonly Dictionary<string, FinalLedger?> _ledgers = Envelopes.Negotiations.ToDictionary(
        name => name, name => FinalLedger.Read(store, name));

    /// <exception cref="Xunit.Sdk.XunitException">A promise was broken; the message says which.</exception>
    public void Check()
    {
        foreach (var stream in plan.Streams) CheckStream(stream);
        CheckLedgersHoldNothingElse();
        CheckEvidence();
        CheckTopics();
        CheckPublished();
        foreach (var name in Envelopes.Negotiations) AnswerJudge.Check(name, _ledgers[name], answered);
    }

    private List<(long Index, EnvelopeEntry Entry)> Logged(StreamId stream) =>
        [
            .. Entries(stream.Negotiation)
                .Select((entry, index) => ((long)index, entry as EnvelopeEntry))
                .Where(pair => pair.Item2?.Id.Stream == stream)
                .Select(pair => (pair.Item1, pair.Item2!)),
        ];

    private IReadOnlyList<LedgerEntry> Entries(string negotiation) => _ledgers[negotiation]?.Entries ?? [];

    private void CheckStream(StreamPlan stream)
    {
        var logged = Logged(stream.Stream);
        Said? previous = null;
        foreach (var (_, entry) in logged)
        {
            var said = stream.Said.SingleOrDefault(each => each.Envelope.Digest == entry.Digest);
            Assert.True(said is not null, $"{entry.Id}: the ledger has a digest that nobody sent");
            Assert.True(entry.Fits(said.Envelope.Head), $"{entry.Id}: the entry does not fit its envelope");
            Assert.True(
                entry.Id.Sequence == (previous?.Id.Sequence ?? 0) + 1,
                $"{entry.Id} follows {previous?.Id}: a gap, a repetition or wrong order");
            Assert.True(
                said.Envelope.Head.Previous == previous?.Envelope.Digest,
                $"{entry.Id}: is not chained to what the ledger has before it");
            Assert.True(said.Variant != Variant.ForkSeen, $"{entry.Id}: saw a fork and was logged");
            previous = said;
        }

        if (stream.Honest)
        {
            Assert.True(logged.Count == stream.Said.Count, $"{stream.Stream}: {stream.Said.Count} sent, {logged.Count} in the ledger");
            Assert.DoesNotContain(bus.DeadLetters, letter => stream.Said.Any(said => said.Wire == letter.Body));
            return;
        }

        foreach (var said in stream.Said) CheckFate(stream, said, logged);
    }

    // What was not logged must have gone somewhere for a reason that holds.
    private void CheckFate(StreamPlan stream, Said said, List<(long Index, EnvelopeEntry Entry)> logged)
    {
        var inLedger = logged.Any(each => each.Entry.Digest == said.Envelope.Digest);
        var last = logged.Count;
        var evidence = Entries(said.Id.Negotiation).OfType<EvidenceEntry>().Any(each => each.Came.Digest == said.Envelope.Digest);
        var letters = bus.DeadLetters.Where(letter => letter.Body == said.Wire).Select(letter => letter.Reason).Distinct().ToArray();
        foreach (var reason in letters)
        {
            var holds = reason switch
            {
                "equivocation" => stream.Said.Any(other => other.Id == said.Id && other != said),
                "broken-chain" => logged.Find(
                    each => each.Entry.Id.Sequence == said.Id.Sequence - 1).Entry?.Digest != said.Envelope.Head.Previous,
                "fork-seen" => said.Variant == Variant.ForkSeen,
                "expired" => stream.ShortLived,
                _ => false,
            };
            Assert.True(holds, $"{said.Id} ({said.Variant}) was dead-lettered {reason}, and there is no cause");
            Assert.True(
                reason == "expired" || evidence, $"{said.Id} ({said.Variant}) was dead-lettered {reason} without evidence in the ledger");
        }

        // One copy may lose against another statement that was held under its id, and a later one win once that one proved to be unchained.
        var rival = stream.Said.Any(other => other.Id == said.Id && other.Variant == Variant.Unchained);
        Assert.False(
            inLedger && !rival && letters.Any(LedgerReasons.Contains),
            $"{said.Id} ({said.Variant}) is in the ledger and was dead-lettered {string.Join(", ", letters)}");
        var waits = said.Id.Sequence > last + 1 && _ledgers[said.Id.Negotiation] is { } ledger && ledger.Holds(said.Id);
        Assert.True(
            inLedger || letters.Length > 0 || waits || evidence || stream.ShortLived,
            $"{said.Id} ({said.Variant}) is lost: not in the ledger (which ends at {last}), not held, not dead-lettered");
    }

    private void CheckLedgersHoldNothingElse()
    {
        foreach (var (negotiation, ledger) in _ledgers)
        {
            if (ledger is null) continue;
            var streams = plan.Streams.Select(stream => stream.Stream).ToHashSet();
            Assert.All(ledger.Entries.OfType<EnvelopeEntry>(), entry => Assert.Contains(entry.Id.Stream, streams));
            var times = ledger.Entries.Select(entry => entry.At).ToArray();
            Assert.Equal(times.Order(), times);
            var policies = ledger.Entries.OfType<PolicyEntry>().Select(entry => entry.Version).ToArray();
            Assert.Equal(policies.Distinct().Order(), policies);
            Assert.True(policies.Length is 1 or 2, $"{negotiation}: {policies.Length} policy entries");
        }
    }

    private void CheckEvidence()
    {
        foreach (var entry in _ledgers.Values.SelectMany(ledger => ledger?.Entries ?? []).OfType<EvidenceEntry>())
        {
            var said = plan.Streams.Where(stream => stream.Stream == entry.Id.Stream)
                .SelectMany(stream => stream.Said)
                .SingleOrDefault(each => each.Envelope.Digest == entry.Came.Digest);
            Assert.True(said is not null, $"evidence against {entry.Id} that nobody sent");
            Assert.True(said.Id == entry.Id, $"evidence of {entry.Id} names what was {said.Id}");
            var twice = Entries(entry.Id.Negotiation)
                .OfType<EvidenceEntry>()
                .Count(other => other.Came.Digest == entry.Came.Digest && other.Shows == entry.Shows);
            Assert.True(twice == 1, $"evidence of {entry.Id} is there {twice} times");
            Assert.True(
                _ledgers[entry.Id.Negotiation]!.Read(
                    $"{entry.Id.Negotiation}/evidence/{Convert.ToHexStringLower(entry.Came.Digest.ToArray())}") is not null,
                $"the statement behind the evidence of {entry.Id} is not kept");
        }
    }

    private void CheckTopics()
    {
        var verifiers = Envelopes.Negotiations.ToDictionary(name => name, name => new ReceiptVerifier($"{relayName}/{name}", vaultKeys));
        var delivered = new HashSet<(string Topic, string Digest)>();
        var notes = new HashSet<(string Note, string Certificate)>();
        foreach (var (topic, messages) in bus.Topics)
        {
            foreach (var message in messages)
            {
                Assert.True(
                    Envelope.TryParse(message.Body, EnvelopeLimits.Default, out var envelope, out _, out _), $"{topic}: no envelope");
                Assert.Contains(topic, envelope.Head.Audience.Select(name => "delegation-" + name));
                var entry = Entries(envelope.Id.Negotiation).ElementAtOrDefault((int)message.Index) as EnvelopeEntry;
                Assert.True(
                    entry is not null && entry.Digest == envelope.Digest,
                    $"{topic}: {message.Id} came with index {message.Index}, where the ledger has something else");
                Assert.True(Receipt.TryParse(message.Receipt, out var receipt, out _, out var error), error);
                Assert.Equal(message.Index, receipt.Proof.Index);
                if (notes.Add((Convert.ToHexString(receipt.Proof.Note.Bytes.Span), Convert.ToHexString(receipt.Certificate.Bytes))))
                {
                    var fault = verifiers[envelope.Id.Negotiation].Check(receipt, envelope.Head, message.At, out error);
                    Assert.True(fault == ReceiptFault.None, $"{topic}: receipt of {message.Id}: {fault}: {error}");
                    CheckCheckpoint(receipt.Checkpoint);
                }
                else
                {
                    // The same checkpoint by the same key was believed before: what is left is that this entry is in its tree.
                    Assert.True(receipt.Entry.Fits(envelope.Head), $"{topic}: receipt of {message.Id} is of another envelope");
                    Assert.True(
                        MerkleProof.VerifyInclusion(
                            receipt.LeafHash,
                            receipt.Proof.Index,
                            receipt.Checkpoint.Size,
                            receipt.Proof.Hashes.AsSpan(),
                            receipt.Checkpoint.Root),
                        $"{topic}: receipt of {message.Id} does not prove it");
                }

                delivered.Add((topic, envelope.Digest.ToString()));
            }
        }

        foreach (var verifier in verifiers.Values) verifier.Dispose();
        foreach (var stream in plan.Streams.Where(stream => !stream.ShortLived))
        {
            foreach (var (_, entry) in Logged(stream.Stream))
            {
                foreach (var name in entry.Head.Audience)
                {
                    Assert.True(
                        delivered.Contains(("delegation-" + name, entry.Digest.ToString())),
                        $"{entry.Id} is in the ledger and never reached {name}");
                }
            }
        }
    }

    // Every checkpoint that was ever visible must be of the tree that the ledger became: otherwise two of them are a fork.
    private void CheckPublished()
    {
        foreach (var content in store.Published)
        {
            CheckCheckpoint(FinalLedger.ReadCheckpoint(content));
        }

        foreach (var content in store.Heads)
        {
            Assert.True(HeadCodec.TryRead(content, out var head, out _, out var error), error);
            CheckCheckpoint(FinalLedger.ReadCheckpoint(head.Checkpoint.Bytes.ToArray()));
        }
    }

    private void CheckCheckpoint(Checkpoint checkpoint)
    {
        var negotiation = checkpoint.Origin[(checkpoint.Origin.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var ledger = _ledgers[negotiation];
        Assert.True(
            ledger is not null && checkpoint.Size <= ledger.Checkpoint.Size,
            $"{checkpoint.Origin}: a checkpoint of size {checkpoint.Size} was signed, the ledger ends before it");
        Assert.True(
            ledger.RootAt(checkpoint.Size) == checkpoint.Root.ToString(), $"{checkpoint.Origin}: two roots of size {checkpoint.Size}");
    }
}
