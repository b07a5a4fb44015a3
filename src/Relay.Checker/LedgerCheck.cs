using System.Buffers.Binary;
using System.Globalization;
using Relay.Protocol.Text;
using Relay.Protocol.Keys;

namespace Relay.Checker;

/// <summary>The check of one ledger, once through.</summary>
internal sealed class LedgerCheck(
    CheckedLedger view, LedgerReport report, Func<string, CancellationToken, ValueTask<PublicJwk?>>? findKey, QuorumCheck quorum)
{
    private const int ChunkWidth = 256;

    private readonly EntryCheck _entries = new(view, report, quorum);
    private readonly Dictionary<string, CheckedCertificate> _certificates = [];
    private readonly List<(long Size, Digest Root, string Blob)> _signed = [];
    private bool _isStaged;

    public async ValueTask RunAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        foreach (var path in view.Below("certificate/").ToList()) await ReadCertificateAsync(path, cancellationToken).ConfigureAwait(false);
        await ReadCheckpointAsync(head, cancellationToken).ConfigureAwait(false);
        if (_signed.Count == 0) return;
        report.Size = head?.Size ?? _signed.Max(root => root.Size);
        foreach (var item in head?.Outstanding ?? []) _entries.Watch(item.Index);
        var tree = new TreeCheck(view, report, _entries);
        await tree.RunAsync(report.Size, _signed, progress, cancellationToken).ConfigureAwait(false);
        await CheckStreamsAsync(head, cancellationToken).ConfigureAwait(false);
        await CheckEvidenceAsync(cancellationToken).ConfigureAwait(false);
        await _entries.Acknowledgements.CheckIndexAsync(cancellationToken).ConfigureAwait(false);
        if (head is not null) await CheckStateAsync(head, tree, cancellationToken).ConfigureAwait(false);
        report.Unpublished = view.Unpublished;
        foreach (var name in view.Unused) report.AddLeftover(KindOf(name));
    }

    private static string KindOf(string name) => name.Split('/')[0] switch
    {
        "tile" or "stream" => "superseded tiles and chunks",
        "claims" => "pages of claims that are superseded",
        "held" => "held envelopes that are released or expired",
        "evidence" or "acknowledged" => "evidence and acknowledgements of unfinished commits",
        _ => "unknown",
    };

    private static string ChunkPath(string stream, long chunk, int width) => width == ChunkWidth
        ? string.Create(CultureInfo.InvariantCulture, $"stream/{stream}/{chunk:D8}")
        : string.Create(CultureInfo.InvariantCulture, $"stream/{stream}/{chunk:D8}.p/{width}");

    private void Add(CheckRule rule, string path, string problem) => report.Add(new CheckFinding(rule, path, problem));

    private async ValueTask<CheckedHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var read = await view.ReadAsync("head", cancellationToken).ConfigureAwait(false);
        var problem = read.Problem;
        var (text, staged) = problem is null ? StagedBlobs.Split(read.Content) : default;
        var note = problem is null ? CheckedNote.Parse(text.Span, out problem) : null;
        var head = note is null ? null : CheckedHead.Parse(note, out problem);
        if (head is null)
        {
            Add(CheckRule.Head, "head", problem!);
            return null;
        }

        if (!head.Origin.EndsWith("/" + report.Negotiation, StringComparison.Ordinal))
        {
            Add(CheckRule.Head, "head", $"expected a head of {report.Negotiation}, got one of {head.Origin}");
            return null;
        }

        if (CheckedCertificate.Parse(System.Text.Encoding.ASCII.GetBytes(head.Certificate)) is not { } certificate)
        {
            Add(CheckRule.Head, "head", "expected a certificate of a checkpoint key, got something else");
            return null;
        }

        problem = await VerifyAsync(certificate, head.Origin, cancellationToken).ConfigureAwait(false)
            ?? note!.Verify(head.Origin, certificate);
        if (problem is not null)
        {
            Add(CheckRule.Head, "head", problem);
            return null;
        }

        _certificates[certificate.KeyId] = certificate;
        if (head.At / 1000 > certificate.ExpiresAt)
        {
            Add(CheckRule.Head, "head", $"expected a key that is valid at {head.At / 1000}, got one until {certificate.ExpiresAt}");
        }
        report.Commit = head.Commit;
        report.CertifiedBy = certificate.VaultKey;
        ReadHeadCheckpoint(head);
        ReadStaged(head, staged);
        var published = "certificate/" + certificate.KeyId;
        if (!view.Has(published))
        {
            Add(
                CheckRule.Certificate,
                published,
                "expected the certificate of the head's key, got none: checkpoints by it cannot be verified by others");
        }
        return head;
    }

    private void ReadHeadCheckpoint(CheckedHead head)
    {
        var problem = ReadNote(head.Checkpoint, head.Origin, out var size, out var root);
        if (problem is null && (size != head.Size || root != head.Root))
        {
            problem = $"expected its own size {head.Size} and root, got {size} or another root";
        }
        if (problem is not null) Add(CheckRule.Head, "head", $"its checkpoint: {problem}");
        _signed.Add((head.Size, head.Root, "head"));
    }

    // A checkpoint by a key whose certificate is known.
    private string? ReadNote(ReadOnlySpan<byte> bytes, string? origin, out long size, out Digest root)
    {
        (size, root) = (-1, default);
        if (CheckedNote.Parse(bytes, out var problem) is not { } note) return problem;
        if (note.Lines is not [var name, var sizeText, var rootText]
            || !CheckText.TryNumber(sizeText, out size)
            || !CheckText.TryDigest(rootText, out root))
        {
            return "expected origin, size and root, got something else";
        }
        if ((origin is not null && name != origin) || !name.EndsWith("/" + report.Negotiation, StringComparison.Ordinal))
        {
            return $"expected a checkpoint of {origin ?? report.Negotiation}, got one of {name}";
        }
        if (note.KeyIds.FirstOrDefault(_certificates.ContainsKey) is not { } keyId)
        {
            return $"expected a signature by a certified key, got {string.Join(", ", note.KeyIds)}";
        }
        var certificate = _certificates[keyId];
        return name.StartsWith(certificate.OriginPrefix, StringComparison.Ordinal)
            ? note.Verify(name, certificate)
            : $"expected a key for {name}, got one for {certificate.OriginPrefix}";
    }

    private async ValueTask<string?> VerifyAsync(CheckedCertificate certificate, string origin, CancellationToken cancellationToken)
    {
        PublicJwk? key = null;
        if (findKey is not null && (key = await findKey(certificate.VaultKey, cancellationToken).ConfigureAwait(false)) is null)
        {
            return $"expected a certificate by a key of the relay, got one by {certificate.VaultKey}";
        }
        return certificate.Verify(origin, key);
    }

    private void ReadStaged(CheckedHead head, ReadOnlyMemory<byte> staged)
    {
        if (head.Staged is null && staged.IsEmpty) return;
        string? problem = null;
        if (head.Staged is null) problem = $"expected nothing behind the head, got {staged.Length} bytes";
        else if (Digest.Of(staged.Span) != head.Staged) problem = "expected behind the head what it says, got other bytes";
        else if (StagedBlobs.Parse(staged, head.Commit) is not { } puts)
        {
            problem = $"expected what commit {head.Commit} has staged, got something else";
        }
        else
        {
            _isStaged = puts.Count > 0;
            if (view.Overlay(puts) is { } foreign) problem = $"expected names of this ledger, got {foreign}";
        }

        if (problem is not null) Add(CheckRule.Staged, "head", problem);
    }

    private async ValueTask ReadCertificateAsync(string path, CancellationToken cancellationToken)
    {
        var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var certificate = read.Problem is null ? CheckedCertificate.Parse(read.Content.Span) : null;
        var problem = read.Problem ?? (certificate is null ? "expected a certificate of a checkpoint key, got something else" : null);
        if (certificate is not null)
        {
            if (path != "certificate/" + certificate.KeyId)
            {
                problem = $"expected the certificate of this key id, got that of {certificate.KeyId}";
            }
            problem ??= await VerifyAsync(
                certificate, certificate.OriginPrefix + report.Negotiation, cancellationToken).ConfigureAwait(false);
        }

        if (problem is null) _certificates.TryAdd(certificate!.KeyId, certificate);
        else Add(CheckRule.Certificate, path, problem);
    }

    private async ValueTask ReadCheckpointAsync(CheckedHead? head, CancellationToken cancellationToken)
    {
        // Between a first head and its publishing there is none yet.
        if (!view.Has("checkpoint") && _isStaged) return;
        var read = await view.ReadAsync("checkpoint", cancellationToken).ConfigureAwait(false);
        var (size, root) = (-1L, default(Digest));
        var problem = read.Problem ?? ReadNote(read.Content.Span, head?.Origin, out size, out root);
        if (problem is null && head is not null && size > head.Size)
        {
            problem = $"expected a size of at most the head's {head.Size}, got {size}";
        }
        if (problem is null && head is not null && !_isStaged && size != head.Size)
        {
            problem = $"expected the head's size {head.Size}, got {size}";
        }
        if (problem is null) _signed.Add((size, root, "checkpoint"));
        else Add(CheckRule.Checkpoint, "checkpoint", problem);
    }

    private async ValueTask CheckStreamsAsync(CheckedHead? head, CancellationToken cancellationToken)
    {
        foreach (var (name, envelopes) in _entries.Streams)
        {
            var newest = default(Digest);
            for (var first = 0; first < envelopes.Count; first += ChunkWidth)
            {
                var indices = envelopes.GetRange(first, Math.Min(ChunkWidth, envelopes.Count - first));
                var path = ChunkPath(name, first / ChunkWidth, indices.Count);
                var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
                var problem = read.Problem
                    ?? (
                        read.Content.Length == 8 * indices.Count
                            ? null
                            : $"expected {indices.Count} indices, got {read.Content.Length} bytes");
                for (var i = 0; problem is null && i < indices.Count; i++)
                {
                    var index = BinaryPrimitives.ReadInt64BigEndian(read.Content.Span[(8 * i)..]);
                    if (indices[i].Index >= 0 && index != indices[i].Index)
                    {
                        problem = $"expected entry {indices[i].Index} for sequence {first + i + 1}, got {index}";
                    }
                }

                if (problem is not null) Add(CheckRule.StreamIndex, path, problem);
                newest = read.Problem is null ? Digest.Of(read.Content.Span) : default;
            }

            if (head is null || _entries.HasGaps) continue;
            var stream = head.Streams.Find(stream => stream.Name == name);
            if (stream is null || stream.Last != envelopes.Count || stream.Digest != envelopes[^1].Digest)
            {
                Add(
                    CheckRule.Head,
                    "head",
                    $"expected stream {name} to end at {envelopes.Count} with the digest of that entry, got "
                        + $"{stream?.Last.ToString(CultureInfo.InvariantCulture) ?? "no such stream"} or another digest");
            }
            else if (newest != default && stream.Chunk != newest)
            {
                Add(CheckRule.Head, "head", $"expected the hash of the newest index of stream {name}, got another");
            }
        }

        foreach (var stream in head?.Streams ?? [])
        {
            if (!_entries.HasGaps && stream.Last > 0 && !_entries.Streams.ContainsKey(stream.Name))
            {
                Add(CheckRule.Head, "head", $"expected stream {stream.Name} to be empty as in the entries, got {stream.Last}");
            }
        }
    }

    private async ValueTask CheckEvidenceAsync(CancellationToken cancellationToken)
    {
        foreach (var (index, id, came) in _entries.Evidence)
        {
            var path = "evidence/" + CheckText.Hex(came);
            var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            var problem = read.Problem ?? Fits(read.Content, id, came);
            if (problem is not null) report.Add(new CheckFinding(CheckRule.Evidence, path, problem, index, index));
        }
    }

    private async ValueTask CheckStateAsync(CheckedHead head, TreeCheck tree, CancellationToken cancellationToken)
    {
        if (tree.Roots is { } roots && !head.Range.AsSpan().SequenceEqual(RangeOf(head.Size, roots)))
        {
            Add(CheckRule.Head, "head", "expected the roots of the tree's full subtrees as range, got others");
        }
        if (head.At < _entries.At)
        {
            Add(CheckRule.Head, "head", $"expected a time of at least the newest entry's {_entries.At}, got {head.At}");
        }
        if (head.Due.Any(due => due <= head.At * 1_000))
        {
            Add(CheckRule.Head, "head", $"expected moments of rates after {head.At}, got one that is not");
        }
        if (!_entries.HasGaps && (head.PolicyVersion, head.PolicyDigest) != _entries.Policy)
        {
            Add(
                CheckRule.Head,
                "head",
                $"expected the newest policy entry's version {_entries.Policy.Version} and digest, got {head.PolicyVersion} or "
                    + "another digest");
        }
        if (!_entries.HasGaps && head.Mode != _entries.Mode)
        {
            Add(CheckRule.Head, "head", $"expected the newest mode entry's {_entries.Mode}, got another mode");
        }
        if (!_entries.HasGaps) await _entries.Prekeys.CheckStateAsync(head, cancellationToken).ConfigureAwait(false);
        foreach (var stream in head.Streams)
        {
            var last = stream.Last;
            foreach (var held in stream.Held)
            {
                report.Held++;
                if (held.Sequence <= last)
                {
                    Add(CheckRule.Held, "head", $"expected sequences that rise above {last}, got {held.Sequence} in stream {stream.Name}");
                }
                last = held.Sequence;
                await CheckHeldAsync(stream, held.Sequence, held.Blob, held.Digest, cancellationToken).ConfigureAwait(false);
            }
        }

        await CheckOutstandingAsync(head, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CheckOutstandingAsync(CheckedHead head, CancellationToken cancellationToken)
    {
        var before = -1L;
        foreach (var item in head.Outstanding)
        {
            report.Outstanding++;
            if (item.Index <= before || item.Index >= head.Size)
            {
                Add(CheckRule.Outstanding, "head", $"expected indices that rise from {before + 1} below {head.Size}, got {item.Index}");
            }
            before = item.Index;
            if (_entries.Find(item.Index) is not { } entry) continue;
            if (entry.Kind != CheckedEntry.Envelope)
            {
                Add(CheckRule.Outstanding, "head", $"expected entry {item.Index} to be an envelope's, got {entry.Kind}");
                continue;
            }

            if (item.Stream < 0) continue;
            if (item.Stream >= head.Streams.Count
                || head.Streams[item.Stream].Name != entry.Head.Stream
                || item.Sequence != entry.Head.Sequence)
            {
                Add(CheckRule.Outstanding, "head", $"expected entry {item.Index} to be {entry.Head.Id}, got another stream or sequence");
            }
            else await CheckHeldAsync(
                head.Streams[item.Stream], item.Sequence, item.Blob, entry.Head.Digest, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CheckHeldAsync(
        CheckedHead.Stream stream, long sequence, Digest blob, Digest envelope, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"held/{stream.Name}/{sequence}-{CheckText.Hex(blob)}");
        var read = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var problem = read.Problem;
        if (problem is null && Digest.Of(read.Content.Span) != blob)
        {
            problem = "expected the bytes that its name is the hash of, got others";
        }
        if (problem is null)
        {
            problem = Fits(
                read.Content[(read.Content.Span.IndexOf((byte)'\n') + 1)..], $"{report.Negotiation}/{stream.Path}/{sequence}", envelope);
        }
        if (problem is not null) Add(CheckRule.Held, path, problem);
    }

    private static string? Fits(ReadOnlyMemory<byte> wire, string id, Digest digest) => CheckedEnvelope.Parse(wire) switch
    {
        null => "expected an envelope, got something else",
        { } envelope when envelope.Id == id && envelope.Digest == digest => null,
        { } envelope => $"expected {id} with digest {digest}, got {envelope.Id} with {envelope.Digest}",
    };

    private static byte[] RangeOf(long size, IEnumerable<Digest> roots)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, size);
        return [.. bytes, .. roots.SelectMany(root => root.ToArray())];
    }
}
