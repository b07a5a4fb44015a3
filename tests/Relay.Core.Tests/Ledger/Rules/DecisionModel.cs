using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Rules;

/// <summary>
/// A ledger that lives in memory and takes every decision: it has all facts, so decisions can be tested one after another without a store.
/// </summary>
internal sealed class DecisionModel
{
    public const string Negotiation = "doha-2026";

    private readonly Dictionary<EnvelopeId, LoggedEntry> _logged = [];
    private readonly Dictionary<Digest, Candidate> _held = [];
    private readonly HashSet<Digest> _evidence = [];
    private readonly Dictionary<AcknowledgementKey, LoggedAcknowledgement> _acknowledged = [];
    private readonly List<Digest> _roots = [MerkleHash.Empty];

    public static PolicyState Policy { get; } = new(7, Digest.Of("policy 7"u8));

    public LedgerState State { get; set; } = LedgerState.Empty;

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public bool IsFresh { get; set; } = true;

    public List<LedgerEntry> Entries { get; } = [];

    public Dictionary<string, ReadOnlyMemory<byte>> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Facts that tests spoil before a decision.</summary>
    public Action<LedgerFacts>? Spoil { get; set; }

    public IReadOnlyList<Digest> Roots => _roots;

    public StreamState Stream(string sender = "us", Lane lane = Lane.Normal) => State.Streams[State.IndexOf(sender, lane)];

    /// <summary>As if so many runs of so many entries more had been logged and not forwarded, none of them next to another.</summary>
    public void Outstand(int runs, int entries)
    {
        var exp = Now + TimeSpan.FromHours(1);
        var outstanding = State.Outstanding.ToBuilder();
        for (var i = 0; i < runs && outstanding.Sum(run => run.Count) < LedgerLimits.OutstandingEntries; i++)
        {
            // One of another kind comes first.
            Append(new HeartbeatEntry { At = State.At });
            var count = Math.Min(entries, LedgerLimits.OutstandingEntries - outstanding.Sum(run => run.Count));
            outstanding.Add(new OutstandingEntry(State.Size, exp, null, count));
            for (var k = 0; k < count; k++) Append(new HeartbeatEntry { At = State.At });
        }

        Append(new HeartbeatEntry { At = State.At });
        State = State with { Outstanding = outstanding.ToImmutable() };
    }

    private void Append(LedgerEntry entry)
    {
        var range = State.Range.Clone();
        range.Append(MerkleHash.Leaf(entry.ToBytes()));
        State = State with { Range = range };
        Entries.Add(entry);
        _roots.Add(range.Root());
    }

    public Decision Decide(IReadOnlyList<Candidate> candidates, params long[] forwarded) => Decide(candidates, [], forwarded);

    public Decision Decide(
        IReadOnlyList<Candidate> candidates, IReadOnlyList<AcknowledgementCandidate> acknowledgements, params long[] forwarded)
    {
        var facts = new LedgerFacts();
        foreach (var (id, logged) in _logged)
        {
            facts.Logged[id] = new Fact<LoggedEntry>(logged);
        }

        foreach (var (blob, candidate) in _held)
        {
            facts.Held[blob] = new Fact<Candidate>(candidate);
        }

        for (var size = 0; size < _roots.Count; size++)
        {
            facts.Roots[size] = new Fact<Digest>(_roots[size]);
        }

        foreach (var (key, logged) in _acknowledged)
        {
            facts.Acknowledged[key] = new Fact<LoggedAcknowledgement>(logged);
        }

        facts.Evidence.UnionWith(_evidence);
        Spoil?.Invoke(facts);
        return DecisionRules.Decide(Negotiation, State, candidates, acknowledgements, facts, forwarded.ToHashSet(), Now, IsFresh);
    }

    /// <summary>Decides and takes the outcome.</summary>
    public Decision Commit(IReadOnlyList<Candidate> candidates, params long[] forwarded)
    {
        var decision = Decide(candidates, forwarded);
        Take(decision, candidates);
        return decision;
    }

    /// <summary>The same of acknowledgements, after those envelopes.</summary>
    public Decision Acknowledge(IReadOnlyList<Candidate> candidates, params AcknowledgementCandidate[] acknowledgements)
    {
        var decision = Decide(candidates, acknowledgements, []);
        Take(decision, candidates);
        return decision;
    }

    public Decision Commit(params Candidate[] candidates) => Commit(candidates, []);

    private void Take(Decision decision, IReadOnlyList<Candidate> candidates)
    {
        Assert.Equal(decision.Changes, decision.State.Commit == State.Commit + 1);
        Assert.Equal(State.Size + decision.Entries.Length, decision.State.Size);
        var range = State.Range.Clone();
        foreach (var entry in decision.Entries)
        {
            Assert.True(LedgerEntry.TryParse(entry.Text.Span, out var parsed, out var error), error);
            range.Append(entry.Leaf);
            _roots.Add(range.Root());
            if (parsed is EnvelopeEntry envelope) _logged.Add(envelope.Id, new LoggedEntry(Entries.Count, envelope.Judged));
            if (parsed is AcknowledgementEntry { Acknowledgement: var said })
            {
                _acknowledged.Add(AcknowledgementKey.Of(said), new LoggedAcknowledgement(Entries.Count, said));
            }
            if (parsed is EvidenceEntry evidence) Assert.True(_evidence.Add(evidence.Came.Digest));
            Assert.True(Entries.Count == 0 || parsed.At >= Entries[^1].At);
            Assert.True(parsed.At <= decision.State.At);
            Entries.Add(parsed);
        }

        Assert.Equal(range.Root(), decision.State.Range.Root());
        foreach (var put in decision.Puts)
        {
            Blobs[put.Name] = put.Content;
        }

        foreach (var candidate in candidates)
        {
            _held[Digest.Of(candidate.ToHeld().ToBytes())] = candidate;
        }

        foreach (var name in decision.Deletes)
        {
            Assert.True(Blobs.Remove(name), name);
        }

        State = decision.State;
    }

    public static Candidate Make(
        long sequence,
        Digest? previous,
        string sender = "us",
        Lane lane = Lane.Normal,
        string content = "",
        DateTimeOffset? exp = null,
        SeenCheckpoint? seen = null,
        PolicyState? policy = null,
        TimeSpan? ahead = null,
        DateTimeOffset? notBefore = null)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var envelope = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(Negotiation, sender, lane, sequence),
            Audience = [sender == "us" ? "iran" : "us"],
            Previous = sequence == 1 ? null : previous ?? Digest.Of("no such"u8),
            IssuedAt = start + (ahead ?? TimeSpan.FromHours(-1)),
            NotBefore = notBefore,
            ExpiresAt = exp ?? start + TimeSpan.FromHours(1),
            Seen = seen,
            Content = System.Text.Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{content}}"}"""),
        });
        return new Candidate(MadeUp.Sign(envelope.Head, "oman", "qatar"), [1, 0], envelope.Head.Bytes, policy ?? Policy);
    }

    /// <summary>A valid chain from sequence 1.</summary>
    public static ImmutableArray<Candidate> Chain(int count, string sender = "us", Lane lane = Lane.Normal)
    {
        var chain = ImmutableArray.CreateBuilder<Candidate>(count);
        for (var i = 1; i <= count; i++)
        {
            chain.Add(Make(i, i == 1 ? null : chain[^1].Head.Digest, sender, lane));
        }

        return chain.MoveToImmutable();
    }
}
