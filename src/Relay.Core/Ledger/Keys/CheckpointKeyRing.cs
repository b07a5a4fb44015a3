using Relay.Core.Verification;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Keys;

/// <summary>
/// The keys behind heads and checkpoints: given only when the relay's vault key has certified them for the ledger. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A certificate is verified once; its key is then held, because every head and checkpoint of an hour carries the same one, of whichever
/// ledger.
/// </remarks>
public sealed class CheckpointKeyRing(ICheckpointCertifier certifier) : IDisposable
{
    private const int MaxHeld = 1_024;

    // Guards _held. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, NoteKey> _held = [];

    /// <summary>The key of a certificate, under the name of a ledger's origin.</summary>
    /// <param name="certificate">As read.</param>
    /// <param name="origin"><c>{relay name}/{negotiation}</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<CertifiedKey> FindAsync(CheckpointKeyCertificate certificate, string origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(origin);
        if (!certificate.Covers(origin)) return Refused($"expected a key for {origin}, got one for {certificate.OriginPrefix}");
        var id = Digest.Of(certificate.Bytes);
        lock (_gate)
        {
            if (_held.TryGetValue(id, out var held)) return new CertifiedKey(held.Named(origin), CertifiedKeyStatus.Certified, "");
        }

        var vaultKey = await certifier.FindAsync(certificate.SignedBy, cancellationToken).ConfigureAwait(false);
        if (vaultKey.Status == KeyStatus.Unavailable)
        {
            return new CertifiedKey(null, CertifiedKeyStatus.Unavailable, "the relay's vault key cannot be read now");
        }
        if (vaultKey.Key is not { } key)
        {
            return Refused($"expected a certificate by the relay's vault key, got one by {certificate.SignedBy}");
        }
        if (certificate.Verify(key) is not SignatureFault.None and var fault)
        {
            return Refused($"expected a certificate signed by {certificate.SignedBy}, got a signature that is {fault}");
        }
        if (!NoteKey.TryCreate(origin, certificate.Key, out var noteKey, out var error)) return Refused(error);
        Hold(id, noteKey);
        return new CertifiedKey(noteKey, CertifiedKeyStatus.Certified, "");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            DropAll();
        }
    }

    private static CertifiedKey Refused(string problem) => new(null, CertifiedKeyStatus.Refused, problem);

    private void Hold(in Digest id, NoteKey key)
    {
        lock (_gate)
        {
            if (_held.Count >= MaxHeld) DropAll();
            // Two that came together have verified it twice; the first one's stays.
            if (!_held.TryAdd(id, key)) key.Dispose();
        }
    }

    // Called under the gate. A key that is dropped while somebody verifies with it still works.
    private void DropAll()
    {
        foreach (var key in _held.Values)
        {
            key.Dispose();
        }

        _held.Clear();
    }
}

/// <summary>Whether a certificate's key may be believed; closed.</summary>
public enum CertifiedKeyStatus
{
    /// <summary>The relay's vault key has certified it for the ledger.</summary>
    Certified,

    /// <summary>It has not.</summary>
    Refused,

    /// <summary>The vault key cannot be read now.</summary>
    Unavailable,
}

/// <summary>Answer of a <see cref="CheckpointKeyRing"/>.</summary>
/// <param name="Key">The key; null unless certified. Need not be disposed.</param>
/// <param name="Status">Whether it may be believed.</param>
/// <param name="Problem">What was expected and what came; empty when certified.</param>
public readonly record struct CertifiedKey(NoteKey? Key, CertifiedKeyStatus Status, string Problem);
