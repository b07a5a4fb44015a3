using System.Collections.Immutable;
using System.Security.Cryptography;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Benchmarks.Pipeline;

/// <summary>
/// One audit of a whole ledger, each entry's quorum verified, against a loop of as many bare verifications as the entries have signatures.
/// The log is in memory: what a network costs is the network's.
/// </summary>
internal sealed class AuditBench : ILedgerLog, IDisposable
{
    private const string RelayName = "relay";
    private const string VaultKey = "https://bench.vault.azure.net/keys/relay-checkpoint";

    private readonly BenchNegotiation _negotiation;
    private readonly NegotiationDocument _document;
    private readonly Dictionary<string, VerificationKey> _keys = [];
    private readonly List<byte[]> _entries = [];
    private readonly MerkleTree _tree = new();
    private readonly TimeProvider _time;
    private readonly ECDsa _bare;
    private readonly byte[] _bareSignature;
    private SignedCheckpoint _signed = null!;

    private AuditBench(int mediators, TimeProvider time)
    {
        _time = time;
        _negotiation = BenchNegotiation.Create(mediators);
        _document = NegotiationDocument.TryParse(_negotiation.Document, out var document, out var error)
            ? document
            : throw new InvalidOperationException(string.Join("; ", error));
        _bare = _negotiation.MediatorKeys[0].CreateECDsa();
        _bareSignature = _bare.SignData(BareText, HashAlgorithmName.SHA256);
    }

    /// <summary>Bytes of all entries.</summary>
    public long EntryBytes => _entries.Sum(entry => (long)entry.Length);

    /// <summary>Signatures of all entries.</summary>
    public int Signatures => _entries.Count * _negotiation.MediatorKeys.Count;

    private static byte[] BareText => new byte[300];

    /// <param name="entries">Entries of the ledger, each one envelope's.</param>
    /// <param name="mediators">Signatures of each.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<AuditBench> CreateAsync(int entries, int mediators, TimeProvider time, CancellationToken cancellationToken)
    {
        var bench = new AuditBench(mediators, time);
        for (var i = 0; i < mediators; i++) bench.Pin(bench._negotiation.MediatorKeys[i], bench._negotiation.KeyIds[i]);
        var at = time.GetUtcNow();
        for (var sequence = 1; sequence <= entries; sequence++)
        {
            var wire = await bench._negotiation.EnvelopeAsync(sequence, 1, time, cancellationToken);
            if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var error))
            {
                throw new InvalidOperationException(error);
            }
            var judged = new JudgedHead(bench._document.PolicyDigest, envelope.SignedBy(Enumerable.Range(0, mediators)));
            var entry = new EnvelopeEntry { Judged = judged, At = at }.ToBytes();
            bench._entries.Add(entry);
            bench._tree.Append(MerkleHash.Leaf(entry));
        }
        await bench.SignAsync(at, cancellationToken);
        return bench;
    }

    /// <summary>One audit by somebody who has seen nothing yet.</summary>
    /// <exception cref="InvalidOperationException">It found something: nothing measured would mean anything.</exception>
    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        var keys = new PinnedMediatorKeys(_keys);
        using var trust = new LedgerTrust(RelayName, BenchNegotiation.Name, VaultKey, keys, _time);
        var auditor = new LedgerAuditor(
            trust, new LedgerView(trust.Origin), this, new EntryJudge([_document], keys), null, TimeSpan.Zero, TimeSpan.Zero, _time);
        var report = await auditor.RunAsync([], cancellationToken);
        if (report.Findings.Count > 0 || report.Entries != _entries.Count)
        {
            throw new InvalidOperationException($"expected {_entries.Count} entries and no finding, got {report.Entries}: "
                + string.Join("; ", report.Findings.Take(3).Select(finding => finding.Detail)));
        }
    }

    /// <summary>As many bare verifications as the ledger has signatures.</summary>
    /// <exception cref="InvalidOperationException">One does not hold.</exception>
    public void VerifyBare()
    {
        for (var i = 0; i < Signatures; i++)
        {
            if (!_bare.VerifyData(BareText, _bareSignature, HashAlgorithmName.SHA256))
            {
                throw new InvalidOperationException("expected the signature to verify");
            }
        }
    }

    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) => new(_signed);

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) =>
        new(MerkleProof.TryBuildConsistency(_tree, from, to, out var proof) ? proof : null);

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        new((ReadOnlyMemory<byte>?)null);

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) => new(
        tile.Level == TileId.EntriesLevel
            ? EntryBundle.Write(
                [.. _entries.GetRange((int)tile.Index * TileId.FullWidth, tile.Width).Select(entry => new ReadOnlyMemory<byte>(entry))])
            : HashTile.Create(tile, _tree)?.Bytes);

    public void Dispose()
    {
        _bare.Dispose();
        foreach (var key in _keys.Values) key.Dispose();
        foreach (var key in _negotiation.MediatorKeys) key.Dispose();
    }

    private void Pin(PrivateJwk key, string id)
    {
        if (!PublicJwk.TryCreate(key.Public.ToECParameters(), id, out var jwk, out var error)
            || !VerificationKey.TryCreate(jwk, out var verification, out error))
        {
            throw new InvalidOperationException(error);
        }
        _keys[id] = verification;
    }

    private async Task SignAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var id = $"{VaultKey}/{new string('0', 32)}";
        using var vault = PrivateJwk.Generate(JwkKind.P256, id);
        using var checkpointKey = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
        Pin(vault, id);
        if (!PublicJwk.TryCreate(checkpointKey.Public.ToECParameters(), null, out var jwk, out var error))
        {
            throw new InvalidOperationException(error);
        }
        using var vaultSigner = new LocalSigner(vault);
        using var signer = new LocalSigner(checkpointKey);
        var certificate = await CheckpointKeyCertificate.SignAsync(
            $"{RelayName}/", jwk, at, at.AddHours(1), vaultSigner, cancellationToken);
        var origin = $"{RelayName}/{BenchNegotiation.Name}";
        if (!NoteKey.TryCreate(origin, jwk, out var noteKey, out error)) throw new InvalidOperationException(error);
        using (noteKey)
        {
            var note = await noteKey.SignAsync(new Checkpoint(origin, _entries.Count, _tree.Root()).ToBytes(), signer, cancellationToken);
            _signed = SignedCheckpoint.TryParse(note.Bytes, certificate.Bytes, out var signed, out error)
                ? signed
                : throw new InvalidOperationException(error);
        }
    }
}
