using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// What readers of a ledger are answered: what its head has, staged or published, and only what verifies against a
/// checkpoint that this relay signed. So whoever holds a receipt finds its entry at once. What is damaged is refused, the
/// rest stays readable; without a readable head what is published is. Safe for concurrent use.
/// </summary>
public sealed partial class LedgerReader
{
    private const int MaxTries = 4;

    private readonly ILedgerStore _store;
    private readonly CheckpointKeyRing _keys;
    private readonly HeadVerifier _heads;
    private readonly string _relayName;
    private readonly TileCache _tiles = new();

    /// <param name="store">Where the ledgers are.</param>
    /// <param name="keys">Verifies who signed.</param>
    /// <param name="relayName">Name of the relay, what origins begin with.</param>
    /// <param name="timeout">Longest wait for one answer of the store; positive.</param>
    /// <param name="time">Clock.</param>
    public LedgerReader(ILedgerStore store, CheckpointKeyRing keys, string relayName, TimeSpan timeout, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        _store = new DeadlineStore(store, timeout, time);
        _keys = keys;
        _heads = new HeadVerifier(keys);
        _relayName = relayName;
    }

    /// <summary>The newest checkpoint with its key's certificate.</summary>
    public ValueTask<LedgerRead<SignedCheckpoint>> CheckpointAsync(string negotiation, CancellationToken cancellationToken) =>
        ReadAsync<SignedCheckpoint>(negotiation, ledger => new(ledger.Signed), cancellationToken);

    /// <summary>Certificate of a checkpoint key.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="keyId"><see cref="NoteKey.KeyId"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<LedgerRead<CheckpointKeyCertificate>> CertificateAsync(
        string negotiation, uint keyId, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        return await CertificateAsync(Blobs(negotiation, head.Value?.Staged), negotiation, keyId, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<LedgerRead<CheckpointKeyCertificate>> CertificateAsync(
        PublishedBlobs blobs, string negotiation, uint keyId, CancellationToken cancellationToken)
    {
        var read = await blobs.GetAsync(LedgerPaths.Certificate(negotiation, keyId), cancellationToken).ConfigureAwait(false);
        if (!read.IsFound) return read.Failure;
        if (!CheckpointKeyCertificate.TryParse(read.Value.Content.Span, out var certificate, out var error)) return Damaged(error);
        var key = await _keys.FindAsync(certificate, Origin(negotiation), cancellationToken).ConfigureAwait(false);
        if (key.Key is null) return Refused(key);
        return key.Key.KeyId == keyId
            ? certificate
            : Damaged($"expected the certificate of key {keyId:x8}, got that of {key.Key.KeyId:x8}");
    }

    /// <summary>A tile of hashes or a bundle of entries, cut to the width asked for.</summary>
    public ValueTask<LedgerRead<VerifiedBytes>> TileAsync(string negotiation, TileId tile, CancellationToken cancellationToken) =>
        ReadAsync(negotiation, ledger => TileAsync(ledger, tile, cancellationToken), cancellationToken);

    /// <summary>The negotiation document that entries of this policy digest were judged by, byte for byte.</summary>
    public async ValueTask<LedgerRead<VerifiedBytes>> PolicyAsync(string negotiation, Digest digest, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        var blobs = Blobs(negotiation, head.Value?.Staged);
        var read = await blobs.GetAsync(LedgerPaths.Policy(negotiation, digest), cancellationToken).ConfigureAwait(false);
        return !read.IsFound || Digest.Of(read.Value.Content.Span) == digest
            ? read
            : Damaged($"expected the document with digest {digest}, got another");
    }

    /// <summary>How far an envelope has come.</summary>
    public ValueTask<LedgerRead<EnvelopeStanding>> FindAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        ReadAsync(id.Negotiation, ledger => FindAsync(ledger, id, cancellationToken), cancellationToken);

    /// <summary>The receipt of an envelope at the newest checkpoint, tlog-proof text.</summary>
    /// <returns>Absent when the ledger does not have it, or not yet: held, or, without a readable head, still being published.</returns>
    public ValueTask<LedgerRead<VerifiedBytes>> ReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        ReadAsync(id.Negotiation, ledger => ReceiptAsync(ledger, id, cancellationToken), cancellationToken);

    /// <summary>Consistency proof between two sizes of the tree.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="from">0 to <paramref name="to"/>.</param>
    /// <param name="to">At most the size of the newest checkpoint.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public ValueTask<LedgerRead<IReadOnlyList<Digest>>> ConsistencyAsync(
        string negotiation, long from, long to, CancellationToken cancellationToken) =>
        ReadAsync(negotiation, ledger => ConsistencyAsync(ledger, from, to, cancellationToken), cancellationToken);

    private static LedgerReadFailure Damaged(string problem) => new(LedgerReadStatus.Damaged, problem);

    private static LedgerReadFailure Beyond(TileId tile, long size) =>
        new(LedgerReadStatus.Absent, $"expected a tile of the tree of size {size}, got {tile.Path}");

    private static LedgerReadFailure Refused(CertifiedKey key) =>
        new(key.Status == CertifiedKeyStatus.Unavailable ? LedgerReadStatus.Unavailable : LedgerReadStatus.Damaged, key.Problem);

    // The tiles that hold a proof's hashes as they are in the newest tree, where a partial of then may be wider or full.
    private static ImmutableArray<TileId> NewestTiles(long from, long to, long size) =>
        [.. MerkleProof.ConsistencyTiles(from, to).Select(tile => TileId.Of(tile.Level, tile.Index, size)).Distinct()];

    private async ValueTask<LedgerRead<VerifiedBytes>> TileAsync(OpenLedger ledger, TileId tile, CancellationToken cancellationToken)
    {
        var level = Math.Max(tile.Level, 0);
        var size = ledger.Checkpoint.Size;
        if (level * TileId.Height > 52 || tile.Index > ((size >> (level * TileId.Height)) - 1) >> TileId.Height) return Beyond(tile, size);
        var there = TileId.Of(level, tile.Index, size);
        if (tile.Width > there.Width) return Beyond(tile, size);
        var hashes = await new VerifiedTiles(
            ledger.Blobs, ledger.Checkpoint, _tiles).GetAsync(there, cancellationToken).ConfigureAwait(false);
        if (!hashes.IsFound) return hashes.Failure;
        return tile.Level == TileId.EntriesLevel
            ? await EntriesAsync(ledger.Blobs, tile, hashes.Value, cancellationToken).ConfigureAwait(false)
            : new VerifiedBytes(hashes.Value.Bytes[..(tile.Width * Digest.Size)]);
    }

    private async ValueTask<LedgerRead<EnvelopeStanding>> FindAsync(OpenLedger ledger, EnvelopeId id, CancellationToken cancellationToken)
    {
        var found = await LocateAsync(ledger, id, cancellationToken).ConfigureAwait(false);
        if (!found.IsFound) return found.Failure;
        var envelope = found.Value.Envelope;
        return envelope.Progress == EnvelopeProgress.Logged
            ? await WithAcknowledgementsAsync(ledger, envelope, cancellationToken).ConfigureAwait(false)
            : envelope;
    }

    private async ValueTask<LedgerRead<VerifiedBytes>> ReceiptAsync(OpenLedger ledger, EnvelopeId id, CancellationToken cancellationToken)
    {
        var found = await LocateAsync(ledger, id, cancellationToken).ConfigureAwait(false);
        if (!found.IsFound) return found.Failure;
        var (envelope, proof) = found.Value;
        if (envelope.Progress != EnvelopeProgress.Logged)
        {
            return new LedgerReadFailure(LedgerReadStatus.Absent, $"expected {id} in the ledger, it is not there yet");
        }
        return new VerifiedBytes(
            Receipt.Write(envelope.Entry!, envelope.Index!.Value, proof.AsSpan(), ledger.Signed.Note, ledger.Signed.Certificate));
    }

    private async ValueTask<LedgerRead<IReadOnlyList<Digest>>> ConsistencyAsync(
        OpenLedger ledger, long from, long to, CancellationToken cancellationToken)
    {
        var checkpoint = ledger.Checkpoint;
        if (from < 0 || from > to || to > checkpoint.Size)
        {
            return new LedgerReadFailure(LedgerReadStatus.Absent, $"expected 0 <= from <= to <= {checkpoint.Size}, got {from} and {to}");
        }
        if (from == 0 || from == to) return new LedgerRead<IReadOnlyList<Digest>>(LedgerReadStatus.Found, [], "");
        // Both steps read tiles of the newest tree: whatever is true of it at 'to' follows from its root.
        var tiles = new VerifiedTiles(ledger.Blobs, checkpoint, _tiles);
        if (await tiles.NeedAsync(NewestTiles(from, to, checkpoint.Size), cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }
        return MerkleProof.TryBuildConsistency(tiles.Nodes, from, to, out var proof)
            ? new LedgerRead<IReadOnlyList<Digest>>(LedgerReadStatus.Found, proof, "")
            : Damaged($"expected the tiles of a proof from {from} to {to}");
    }

    private static async ValueTask<LedgerRead<VerifiedBytes>> EntriesAsync(
        PublishedBlobs blobs, TileId tile, HashTile hashes, CancellationToken cancellationToken)
    {
        var (read, width) = await blobs.TileAsync(tile, cancellationToken).ConfigureAwait(false);
        if (!read.IsFound)
        {
            return read.Status == LedgerReadStatus.Absent
                ? Damaged($"expected {tile.Path} of a published tree, there is none")
                : read.Failure;
        }
        if (!EntryBundle.TryRead(read.Value.Content, width, out var entries, out var error)) return Damaged(error);
        for (var i = 0; i < tile.Width; i++)
        {
            if (MerkleHash.Leaf(entries[i].Span) != hashes[i])
            {
                return Damaged($"expected entry {i} of {tile.Path} to have the hash that the tree holds for it, got another");
            }
        }

        return width == tile.Width ? read.Value : new VerifiedBytes(EntryBundle.Write(entries[..tile.Width]));
    }

    private string Origin(string negotiation) => $"{_relayName}/{negotiation}";

    private PublishedBlobs Blobs(string negotiation, StagedCommit? staged = null) => new(_store, negotiation, staged);

    // What a head stands on goes once a later head stands on something newer: what is missing is looked for under that one.
    private async ValueTask<LedgerRead<T>> ReadAsync<T>(
        string negotiation, Func<OpenLedger, ValueTask<LedgerRead<T>>> read, CancellationToken cancellationToken)
        where T : class
    {
        var ledger = await OpenAsync(negotiation, cancellationToken).ConfigureAwait(false);
        for (var tries = 1; ledger.IsFound; tries++)
        {
            var answer = await read(ledger.Value).ConfigureAwait(false);
            if (answer.Status != LedgerReadStatus.Damaged || tries == MaxTries) return answer;
            var now = await OpenAsync(negotiation, cancellationToken).ConfigureAwait(false);
            if (now.IsFound && now.Value.Head?.State.Commit == ledger.Value.Head?.State.Commit) return answer;
            ledger = now;
        }

        return ledger.Failure;
    }

    private async ValueTask<LedgerRead<OpenLedger>> OpenAsync(string negotiation, CancellationToken cancellationToken)
    {
        var stored = Blobs(negotiation);
        var head = await HeadAsync(stored, negotiation, cancellationToken).ConfigureAwait(false);
        if (head.IsFound && SignedCheckpoint.TryParse(head.Value.Checkpoint.Bytes, head.Value.Certificate.Bytes, out var signed, out _))
        {
            return new OpenLedger(signed, Blobs(negotiation, head.Value.Staged), head);
        }
        var published = await PublishedCheckpointAsync(stored, negotiation, cancellationToken).ConfigureAwait(false);
        if (published.IsFound) return new OpenLedger(published.Value, stored, head);
        // What cannot be read now is not absent: who is told so does not come again.
        var isUnread = head.Status is LedgerReadStatus.Damaged or LedgerReadStatus.Unavailable;
        return published.Status == LedgerReadStatus.Absent && isUnread ? head.Failure : published.Failure;
    }

    private async ValueTask<LedgerRead<SignedCheckpoint>> PublishedCheckpointAsync(
        PublishedBlobs blobs, string negotiation, CancellationToken cancellationToken)
    {
        var read = await blobs.GetAsync(LedgerPaths.Checkpoint(negotiation), cancellationToken).ConfigureAwait(false);
        if (!read.IsFound) return read.Failure;
        if (!SignedNote.TryParse(read.Value.Content, out var note, out var error)
            || !Checkpoint.TryParse(note.Text.Span, out var checkpoint, out error))
        {
            return Damaged(error);
        }
        var origin = Origin(negotiation);
        if (checkpoint.Origin != origin) return Damaged($"expected a checkpoint of {origin}, got one of {checkpoint.Origin}");
        LedgerReadFailure? failure = null;
        foreach (var signature in note.Signatures.Where(signature => signature.Name == origin))
        {
            var certificate = await CertificateAsync(blobs, negotiation, signature.KeyId, cancellationToken).ConfigureAwait(false);
            if (!certificate.IsFound)
            {
                certificate = await HeadCertificateAsync(blobs, negotiation, certificate.Failure, cancellationToken).ConfigureAwait(false);
            }
            failure = certificate.Failure;
            if (!certificate.IsFound) continue;
            var key = await _keys.FindAsync(certificate.Value, origin, cancellationToken).ConfigureAwait(false);
            if (key.Key is null) return Refused(key);
            if (key.Key.Verify(note) is not NoteFault.None and var fault)
            {
                return Damaged($"expected a checkpoint signed by its certified key, got {fault}");
            }
            return SignedCheckpoint.TryParse(note.Bytes, certificate.Value.Bytes, out var signed, out error) ? signed : Damaged(error);
        }

        // A checkpoint whose certificate is not there cannot be believed, and is not just absent.
        return failure is { Status: LedgerReadStatus.Unavailable } unread
            ? unread
            : Damaged(failure is { } why ? why.Problem : $"expected a checkpoint signed as {origin}, got none");
    }

    private async ValueTask<LedgerRead<CheckpointKeyCertificate>> HeadCertificateAsync(
        PublishedBlobs blobs, string negotiation, LedgerReadFailure failure, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(blobs, negotiation, cancellationToken).ConfigureAwait(false);
        return head.IsFound ? head.Value.Certificate : failure;
    }

    private async ValueTask<LedgerRead<Located>> LocateAsync(OpenLedger ledger, EnvelopeId id, CancellationToken cancellationToken)
    {
        if (ledger.Head is { } head && head.State.IndexOf(id.Sender, id.Lane) is var position)
        {
            var stream = position < 0 ? null : head.State.Streams[position];
            if (stream?.FindHeld(id.Sequence) is not null) return Unlogged(EnvelopeProgress.Held);
            if (stream is null || id.Sequence > stream.Last) return Absent(id) with { Next = (stream?.Last ?? 0) + 1 };
        }

        var (chunk, width) = await ledger.Blobs.ChunkAsync(id.Stream, id.Sequence, cancellationToken).ConfigureAwait(false);
        if (chunk.Status == LedgerReadStatus.Absent)
        {
            // What a head that cannot be read has staged is not known: nothing is said to be absent for want of it.
            return ledger.Head is not null
                ? Damaged($"expected the chunk of {id.Stream} with {id.Sequence}, there is none")
                : ledger.HeadRead.Status == LedgerReadStatus.Absent ? Absent(id) : ledger.HeadRead.Failure;
        }
        if (!chunk.IsFound) return chunk.Failure;
        var place = (int)(id.Sequence - 1 - LedgerPaths.ChunkOf(id.Sequence) * LedgerPaths.ChunkWidth) * sizeof(long);
        if (chunk.Value.Content.Length != width * sizeof(long))
        {
            return Damaged($"expected {width} indices in a chunk of {id.Stream}, got {chunk.Value.Content.Length} bytes");
        }
        var index = BinaryPrimitives.ReadInt64BigEndian(chunk.Value.Content.Span[place..]);
        if (index < 0 || index > MerkleHash.MaxSize) return Damaged($"expected an index in a chunk of {id.Stream}, got {index}");
        // Published before its checkpoint is.
        if (index >= ledger.Checkpoint.Size) return Unlogged(EnvelopeProgress.Publishing);

        // The chunk says where to look; that the entry there is the one asked for, and in the tree, is proved here.
        var read = await ProveAsync(ledger.Blobs, index, ledger.Checkpoint, cancellationToken).ConfigureAwait(false);
        if (!read.IsFound) return read.Failure;
        var (entry, text, proof) = read.Value;
        return entry is EnvelopeEntry envelope && envelope.Id == id
            ? new Located(new EnvelopeStanding(EnvelopeProgress.Logged, index, envelope, text), proof)
            : Damaged($"expected the entry of {id} at index {index}, got another");
    }

    private static LedgerReadFailure Absent(EnvelopeId id) =>
        new(LedgerReadStatus.Absent, $"expected {id} in the ledger, it is not there");

    private static Located Unlogged(EnvelopeProgress progress) => new(new EnvelopeStanding(progress, null, null, default), default);

    private async ValueTask<LedgerRead<Proved>> ProveAsync(
        PublishedBlobs blobs, long index, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var bundle = TileId.Of(TileId.EntriesLevel, index >> TileId.Height, checkpoint.Size);
        var (read, width) = await blobs.TileAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (!read.IsFound)
        {
            return read.Status == LedgerReadStatus.Absent
                ? Damaged($"expected {bundle.Path} of a published tree, there is none")
                : read.Failure;
        }
        if (!EntryBundle.TryRead(read.Value.Content, width, out var entries, out var error)) return Damaged(error);
        var text = entries[(int)(index & (TileId.FullWidth - 1))];
        var tiles = new VerifiedTiles(blobs, checkpoint, _tiles);
        if (await tiles.NeedAsync(
            MerkleProof.InclusionTiles(index, checkpoint.Size), cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }
        if (!MerkleProof.TryBuildInclusion(tiles.Nodes, index, checkpoint.Size, out var proof)
            || !MerkleProof.VerifyInclusion(MerkleHash.Leaf(text.Span), index, checkpoint.Size, proof.AsSpan(), checkpoint.Root))
        {
            return Damaged($"expected entry {index} to be the one in the tree, got another");
        }

        return LedgerEntry.TryParse(text.Span, out var entry, out error) ? new Proved(entry, text, proof) : Damaged(error);
    }

    // What was said of it, as far as the checkpoint has it: each as its blob says where, and as its entry proves.
    private async ValueTask<LedgerRead<EnvelopeStanding>> WithAcknowledgementsAsync(
        OpenLedger ledger, EnvelopeStanding standing, CancellationToken cancellationToken)
    {
        var id = standing.Entry!.Id;
        var (blobs, checkpoint) = (ledger.Blobs, ledger.Checkpoint);
        var said = new List<(long, AcknowledgementEntry)>();
        foreach (var delegation in standing.Entry.Head.Audience)
        {
            var place = await blobs.GetAsync(LedgerPaths.Acknowledged(id, delegation), cancellationToken).ConfigureAwait(false);
            if (place.Status == LedgerReadStatus.Absent) continue;
            if (!place.IsFound) return place.Failure;
            var index = place.Value.Content.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(place.Value.Content.Span) : -1;
            if (index < 0) return Damaged($"expected the index of {delegation}'s acknowledgement of {id}, got something else");
            if (index >= checkpoint.Size) continue;
            var read = await ProveAsync(blobs, index, checkpoint, cancellationToken).ConfigureAwait(false);
            if (!read.IsFound) return read.Failure;
            if (read.Value.Entry is not AcknowledgementEntry { Acknowledgement: var logged } entry
                || logged.Id != id
                || logged.Delegation != delegation)
            {
                return Damaged($"expected {delegation}'s acknowledgement of {id} at index {index}, got another entry");
            }
            said.Add((index, entry));
        }

        return standing with { Acknowledgements = said };
    }

    // A ledger as one request sees it; without a head what is published of it.
    private sealed record OpenLedger(SignedCheckpoint Signed, PublishedBlobs Blobs, LedgerRead<LedgerHead> HeadRead)
    {
        public LedgerHead? Head => HeadRead.Value;

        public Checkpoint Checkpoint => Signed.Checkpoint;
    }

    private sealed record Proved(LedgerEntry Entry, ReadOnlyMemory<byte> Text, ImmutableArray<Digest> Proof);

    private sealed record Located(EnvelopeStanding Envelope, ImmutableArray<Digest> Proof);
}
