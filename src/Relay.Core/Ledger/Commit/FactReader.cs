using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Reads what a decision about a group must know. Damage becomes a fact of what it concerns; a store that does not answer is an exception.
/// </summary>
internal sealed class FactReader(StagedView store, StateBlobs blobs, string negotiation)
{
    private const int MaxRoots = 1_024;
    private static readonly EnvelopeLimits AnySize = EnvelopeLimits.Default with { MaxWireBytes = LedgerBlobName.MaxContentBytes };

    // Roots by size, all of them of this ledger's tree: those of commits made here, and those that were asked for.
    private readonly Dictionary<long, Digest> _roots = [];

    /// <summary>Notes a root that this process has committed to.</summary>
    public void Remember(LedgerState state)
    {
        if (_roots.Count >= MaxRoots) _roots.Clear();
        _roots[state.Size] = state.Range.Root();
    }

    /// <summary>Reads everything but evidence, which few decisions ask for.</summary>
    public async ValueTask<GroupFacts> ReadAsync(
        WorkingCopy copy,
        IReadOnlyList<Candidate> candidates,
        IReadOnlyList<AcknowledgementCandidate> acknowledgements,
        CancellationToken cancellationToken)
    {
        var (state, edge) = (copy.State, copy.Edge);
        var facts = new GroupFacts { Tails = copy.Tails };
        var touched = new Dictionary<int, HashSet<long>>();
        foreach (var candidate in candidates)
        {
            var position = state.IndexOf(candidate.Id.Sender, candidate.Id.Lane);
            if (position >= 0)
            {
                if (!touched.TryGetValue(position, out var sequences)) touched[position] = sequences = [];
                sequences.Add(candidate.Id.Sequence);
                var stream = state.Streams[position];
                if (ContradictedBy(candidate, stream) is { } logged)
                {
                    await ReadLoggedAsync(facts, state, edge, position, logged, cancellationToken).ConfigureAwait(false);
                }
                if (stream.FindHeld(candidate.Id.Sequence) is { } held && held.Digest != candidate.Head.Digest)
                {
                    await ReadHeldAsync(facts, stream, held, cancellationToken).ConfigureAwait(false);
                }
            }

            if (candidate.Head.Seen is { } seen && seen.Size <= state.Size)
            {
                await ReadRootAsync(facts, state, edge, seen.Size, cancellationToken).ConfigureAwait(false);
            }
        }

        for (var position = 0; position < state.Streams.Length; position++)
        {
            var stream = state.Streams[position];
            if (!touched.TryGetValue(position, out var sequences))
            {
                if (stream.FindHeld(stream.Last + 1) is null) continue;
                sequences = [];
            }

            await ReadTailAsync(facts, position, stream, cancellationToken).ConfigureAwait(false);
            await ReadHeldAsync(facts, stream, sequences, cancellationToken).ConfigureAwait(false);
            if (stream.FindHeld(stream.Last + 1) is { } next
                && facts.Held.TryGetValue(next.Blob, out var fact)
                && fact.Problem is null
                && ContradictedBy(fact.Value, stream) is { } last)
            {
                await ReadLoggedAsync(facts, state, edge, position, last, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var said in acknowledgements.Select(candidate => candidate.Acknowledgement))
        {
            await ReadAcknowledgedAsync(facts, state, edge, said, cancellationToken).ConfigureAwait(false);
        }

        return facts;
    }

    // The logged envelope that this one repeats or contradicts: of its own sequence, or the last that it does not continue.
    private static EnvelopeId? ContradictedBy(Candidate candidate, StreamState stream)
    {
        var id = candidate.Id;
        if (id.Sequence <= stream.Last) return id;
        var continues = stream.Last == 0 || candidate.Head.Previous == stream.Digest;
        return id.Sequence == stream.Last + 1 && !continues ? id with { Sequence = stream.Last } : null;
    }

    /// <summary>
    /// Looks whether what a decision would log as evidence has its entry
    /// already; true when one has, so that the decision is to be made again.
    /// </summary>
    public async ValueTask<bool> ReadEvidenceAsync(
        LedgerFacts facts, Decision decision, HashSet<string> asked, CancellationToken cancellationToken)
    {
        var found = false;
        var prefix = LedgerPaths.Prefix(negotiation) + "evidence/";
        foreach (var put in decision.Puts)
        {
            if (!put.Name.StartsWith(prefix, StringComparison.Ordinal) || !asked.Add(put.Name)) continue;
            if (await store.GetAsync(put.Name, cancellationToken).ConfigureAwait(false) is null) continue;
            if (!LedgerPaths.TryParseHex(put.Name.AsSpan(prefix.Length), out var digest)) continue;
            facts.Evidence.Add(digest);
            found = true;
        }

        return found;
    }

    /// <summary>Reads a held envelope back.</summary>
    public async ValueTask<Fact<Candidate>> ReadHeldAsync(EnvelopeId id, Digest digest, Digest blob, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.Held(id, blob);
        try
        {
            var content = await blobs.ReadAsync(name, cancellationToken).ConfigureAwait(false);
            if (Digest.Of(content.Span) == blob
                && HeldContent.TryRead(content, out var held)
                && Envelope.TryParse(held.Wire, AnySize, out var envelope, out _, out _)
                && envelope.Id == id
                && envelope.Digest == digest
                && held.Counted.All(place => place < envelope.Signatures.Length))
            {
                return new Fact<Candidate>(
                    new Candidate(envelope.SignedBy(held.Counted), held.Counted, held.Wire, held.Policy)
                    {
                        ContentLength = envelope.Sealed.Content.Length,
                    });
            }

            return new Fact<Candidate>(null!, $"expected held envelope {id} in '{name}', got something else");
        }
        catch (LedgerDamagedException e)
        {
            return new Fact<Candidate>(null!, e.Message);
        }
    }

    private async ValueTask ReadLoggedAsync(
        GroupFacts facts, LedgerState state, TreeEdge edge, int position, EnvelopeId id, CancellationToken cancellationToken)
    {
        if (facts.Logged.ContainsKey(id)) return;
        try
        {
            var index = await blobs.ReadIndexAsync(
                id.Stream, state.Streams[position], id.Sequence, cancellationToken).ConfigureAwait(false);
            var proved = await blobs.ReadEntryAsync(state, edge, index, cancellationToken).ConfigureAwait(false);
            if (proved.Entry is not EnvelopeEntry entry || entry.Id != id)
            {
                throw new LedgerDamagedException($"{negotiation}: expected entry {index} to be that of {id}, got another");
            }
            facts.Proved[index] = proved;
            facts.Logged[id] = new Fact<LoggedEntry>(new LoggedEntry(index, entry.Judged));
        }
        catch (LedgerDamagedException e)
        {
            facts.Problems.Add(e.Message);
            facts.Logged[id] = new Fact<LoggedEntry>(default, e.Message);
        }
    }

    // An envelope that this very group logs needs no reading: nobody can have acknowledged it before.
    private async ValueTask ReadAcknowledgedAsync(
        GroupFacts facts, LedgerState state, TreeEdge edge, Acknowledgement said, CancellationToken cancellationToken)
    {
        var (key, position) = (AcknowledgementKey.Of(said), state.IndexOf(said.Id.Sender, said.Id.Lane));
        if (position < 0 || said.Id.Sequence > state.Streams[position].Last || facts.Acknowledged.ContainsKey(key)) return;
        await ReadLoggedAsync(facts, state, edge, position, said.Id, cancellationToken).ConfigureAwait(false);
        // Whoever is no addressee has acknowledged nothing, and any name at all is not looked for in the store.
        if (!facts.Logged[said.Id].Value.Judged?.Head.Audience.Contains(said.Delegation) ?? true) return;
        try
        {
            if (await blobs.FindAcknowledgedAsync(key, cancellationToken).ConfigureAwait(false) is not { } index) return;
            var proved = await blobs.ReadEntryAsync(state, edge, index, cancellationToken).ConfigureAwait(false);
            if (proved.Entry is not AcknowledgementEntry { Acknowledgement: { } logged } || AcknowledgementKey.Of(logged) != key)
            {
                throw new LedgerDamagedException(
                    $"{negotiation}: expected entry {index} to be {key.Delegation}'s acknowledgement of {key.Id}, got another");
            }
            facts.Proved[index] = proved;
            facts.Acknowledged[key] = new Fact<LoggedAcknowledgement>(new LoggedAcknowledgement(index, logged));
        }
        catch (LedgerDamagedException e)
        {
            facts.Problems.Add(e.Message);
            facts.Acknowledged[key] = new Fact<LoggedAcknowledgement>(default, e.Message);
        }
    }

    private async ValueTask ReadRootAsync(
        GroupFacts facts, LedgerState state, TreeEdge edge, long size, CancellationToken cancellationToken)
    {
        if (facts.Roots.ContainsKey(size)) return;
        if (!_roots.TryGetValue(size, out var root))
        {
            try
            {
                root = size == state.Size
                    ? state.Range.Root()
                    : await blobs.ReadRootAsync(state, edge, size, cancellationToken).ConfigureAwait(false);
            }
            catch (LedgerDamagedException e)
            {
                facts.Problems.Add(e.Message);
                facts.Roots[size] = new Fact<Digest>(default, e.Message);
                return;
            }

            if (_roots.Count >= MaxRoots) _roots.Clear();
            _roots[size] = root;
        }

        facts.Roots[size] = new Fact<Digest>(root);
    }

    // The chunk that new entries of the stream go into.
    private async ValueTask ReadTailAsync(GroupFacts facts, int position, StreamState stream, CancellationToken cancellationToken)
    {
        if (stream.Last % LedgerPaths.ChunkWidth == 0) return;
        if (facts.Tails.TryGetValue(position, out var tail) && Digest.Of(tail) == stream.Chunk) return;
        var id = new StreamId(negotiation, stream.Sender, stream.Lane);
        try
        {
            var chunk = await blobs.ReadChunkAsync(id, stream, cancellationToken).ConfigureAwait(false);
            facts.Tails = facts.Tails.SetItem(position, chunk.ToArray());
        }
        catch (LedgerDamagedException e)
        {
            facts.Problems.Add(e.Message);
            facts.DamagedStreams[id] = e.Message;
        }
    }

    // Held envelopes that follow the stream's last one without a gap, the group's own counted in.
    private async ValueTask ReadHeldAsync(
        GroupFacts facts, StreamState stream, HashSet<long> sequences, CancellationToken cancellationToken)
    {
        for (var sequence = stream.Last + 1; ; sequence++)
        {
            if (stream.FindHeld(sequence) is { } held)
            {
                await ReadHeldAsync(facts, stream, held, cancellationToken).ConfigureAwait(false);
            }
            else if (!sequences.Contains(sequence))
            {
                return;
            }
        }
    }

    private async ValueTask ReadHeldAsync(GroupFacts facts, StreamState stream, HeldEnvelope held, CancellationToken cancellationToken)
    {
        if (facts.Held.ContainsKey(held.Blob)) return;
        var id = new EnvelopeId(negotiation, stream.Sender, stream.Lane, held.Sequence);
        var fact = await ReadHeldAsync(id, held.Digest, held.Blob, cancellationToken).ConfigureAwait(false);
        if (fact.Problem is { } problem) facts.Problems.Add(problem);
        facts.Held[held.Blob] = fact;
    }
}
