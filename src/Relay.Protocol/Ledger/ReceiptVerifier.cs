using System.Globalization;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Ledger;

/// <summary>
/// Checks receipts of one ledger offline: from the receipt, the envelope and
/// the relay's vault keys alone. Safe for many threads; the owner disposes it.
/// </summary>
/// <remarks>
/// A receipt that holds shows that the relay committed to the entry, not that it shows
/// everyone the same tree: that takes comparing checkpoints. Nor does it show when a
/// checkpoint was signed: it carries no time, so a short-lived key that was stolen
/// can sign for ever under its old certificate, as far as one receipt tells.
/// </remarks>
public sealed class ReceiptVerifier : IDisposable
{
    private readonly string _origin;
    private readonly Func<KeyIdentifier, VerificationKey?> _findVaultKey;

    // The certificate that verified last, with its vault key and the key it certifies: an hour's receipts all carry the same one.
    private volatile Verified? _last;

    /// <param name="origin">Origin of the ledger, <c>{relay name}/{negotiation}</c>.</param>
    /// <param name="findVaultKey">The relay's vault key of this identifier, or null when it is
    /// not one of the relay's; asked on every check, so that a key can be withdrawn.</param>
    public ReceiptVerifier(string origin, Func<KeyIdentifier, VerificationKey?> findVaultKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        ArgumentNullException.ThrowIfNull(findVaultKey);
        _origin = origin;
        _findVaultKey = findVaultKey;
    }

    /// <summary>
    /// Checks a receipt against the envelope it came with: origin and certificate,
    /// checkpoint signature, inclusion, entry; the first that fails is told.
    /// </summary>
    /// <param name="receipt">As read.</param>
    /// <param name="envelope">The envelope in hand.</param>
    /// <param name="now">The checker's clock; a certificate may begin up to <see cref="EnvelopeLimits.MaxClockSkew"/> later.</param>
    /// <param name="detail">What was expected and what came; empty when the fault is none.</param>
    public ReceiptFault Check(Receipt receipt, EnvelopeHead envelope, DateTimeOffset now, out string detail)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(envelope);
        var fault = Check(receipt, now, out detail);
        return fault == ReceiptFault.None ? CheckEnvelope(receipt.Entry, envelope, out detail) : fault;
    }

    /// <summary>
    /// Checks a receipt, of whatever entry, that came without its envelope: origin and certificate,
    /// checkpoint signature, inclusion. What the entry says is then the relay's word.
    /// </summary>
    /// <param name="receipt">As read.</param>
    /// <param name="now">The checker's clock; a certificate may begin up to <see cref="EnvelopeLimits.MaxClockSkew"/> later.</param>
    /// <param name="detail">What was expected and what came; empty when the fault is none.</param>
    public ReceiptFault Check(EntryReceipt receipt, DateTimeOffset now, out string detail)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var fault = CheckSignature(receipt.Proof.Note, receipt.Checkpoint, receipt.Certificate, now, receipt.Logged.At, out detail);
        if (fault != ReceiptFault.None) return fault;
        var (proof, checkpoint) = (receipt.Proof, receipt.Checkpoint);
        if (!MerkleProof.VerifyInclusion(receipt.LeafHash, proof.Index, checkpoint.Size, proof.Hashes.AsSpan(), checkpoint.Root))
        {
            detail = $"expected a proof from entry {proof.Index} to the root at size {checkpoint.Size}, got one that leads elsewhere";
            return ReceiptFault.NotIncluded;
        }
        if (receipt.Logged.At <= now + EnvelopeLimits.MaxClockSkew) return ReceiptFault.None;
        detail = $"expected an entry of now or before, by this machine's clock {now:u}, got one of {receipt.Logged.At:u}";
        return ReceiptFault.EntryInFuture;
    }

    /// <summary>
    /// Checks a checkpoint that came without a receipt. It carries no time, so a
    /// certificate that has ended is no fault: a quiet ledger's newest checkpoint is old.
    /// </summary>
    /// <param name="signed">As read.</param>
    /// <param name="now">The checker's clock; a certificate may begin up to <see cref="EnvelopeLimits.MaxClockSkew"/> later.</param>
    /// <param name="detail">What was expected and what came; empty when the fault is none.</param>
    public ReceiptFault Check(SignedCheckpoint signed, DateTimeOffset now, out string detail)
    {
        ArgumentNullException.ThrowIfNull(signed);
        return CheckSignature(signed.Note, signed.Checkpoint, signed.Certificate, now, null, out detail);
    }

    /// <inheritdoc/>
    public void Dispose() => _last?.Key.Dispose();

    private ReceiptFault CheckSignature(
        SignedNote note,
        Checkpoint checkpoint,
        CheckpointKeyCertificate certificate,
        DateTimeOffset now,
        DateTimeOffset? writtenAt,
        out string detail)
    {
        var fault = CheckCertificate(checkpoint, certificate, now, writtenAt, out var key, out detail);
        if (fault != ReceiptFault.None) return fault;
        fault = key!.Verify(note) switch
        {
            NoteFault.None => ReceiptFault.None,
            NoteFault.NotSigned => ReceiptFault.CheckpointNotSigned,
            NoteFault.SignedTwice or NoteFault.BadSignatureForm or NoteFault.BadSignature => ReceiptFault.BadCheckpointSignature,
        };
        if (fault != ReceiptFault.None)
        {
            detail = string.Create(
                CultureInfo.InvariantCulture,
                $"expected one signature by {key.Name}+{key.KeyId:x8} on the checkpoint, got none that verifies");
        }
        return fault;
    }

    private ReceiptFault CheckCertificate(
        Checkpoint checkpoint,
        CheckpointKeyCertificate certificate,
        DateTimeOffset now,
        DateTimeOffset? writtenAt,
        out NoteKey? key,
        out string detail)
    {
        key = null;
        if (checkpoint.Origin != _origin)
        {
            detail = $"expected a checkpoint of {_origin}, got one of {checkpoint.Origin}";
            return ReceiptFault.WrongOrigin;
        }
        if (_findVaultKey(certificate.SignedBy) is not { } vaultKey)
        {
            detail = $"expected a certificate by a vault key of the relay, got one by {certificate.SignedBy}";
            return ReceiptFault.UnknownVaultKey;
        }
        if (!TryVerify(certificate, vaultKey, out key, out detail)) return ReceiptFault.BadCertificateSignature;
        if (!certificate.Covers(_origin))
        {
            detail = $"expected a key for {_origin}, got one for {certificate.OriginPrefix}";
            return ReceiptFault.CertificateForOtherOrigin;
        }
        if (certificate.NotBefore > now + EnvelopeLimits.MaxClockSkew)
        {
            detail = $"expected a key valid by {now.ToUnixTimeSeconds()}, got one from {certificate.NotBefore.ToUnixTimeSeconds()}";
            return ReceiptFault.CertificateNotYetValid;
        }
        // The checkpoint was signed after the entry was written; a key that had ended by then did not sign it in time.
        if (writtenAt > certificate.ExpiresAt)
        {
            detail =
                $"expected a key valid at the entry's {writtenAt.Value.ToUnixTimeSeconds()}, got one until "
                    + $"{certificate.ExpiresAt.ToUnixTimeSeconds()}";
            return ReceiptFault.CertificateExpired;
        }
        return ReceiptFault.None;
    }

    private static ReceiptFault CheckEnvelope(EnvelopeEntry entry, EnvelopeHead envelope, out string detail)
    {
        if (entry.Id != envelope.Id)
        {
            detail = $"expected the entry of {envelope.Id}, got that of {entry.Id}";
            return ReceiptFault.EntryForOtherEnvelope;
        }
        if (entry.Digest != envelope.Digest)
        {
            detail = $"expected the entry of digest {envelope.Digest}, got {entry.Digest}";
            return ReceiptFault.EntryForOtherContent;
        }
        detail = "";
        return ReceiptFault.None;
    }

    private bool TryVerify(CheckpointKeyCertificate certificate, VerificationKey vaultKey, out NoteKey? key, out string error)
    {
        error = "";
        if (_last is { } last && last.VaultKey == vaultKey && last.Certificate.Bytes.SequenceEqual(certificate.Bytes))
        {
            key = last.Key;
            return true;
        }
        key = null;
        var fault = certificate.Verify(vaultKey);
        if (fault != SignatureFault.None)
        {
            error = $"expected a certificate signed by {certificate.SignedBy}, got a signature that is {fault}";
            return false;
        }
        if (!NoteKey.TryCreate(_origin, certificate.Key, out key, out error)) return false;
        // A key that is dropped while another thread verifies with it still works; it only makes its own handle again.
        var old = Interlocked.Exchange(ref _last, new Verified(certificate, vaultKey, key));
        old?.Key.Dispose();
        return true;
    }

    private sealed record Verified(CheckpointKeyCertificate Certificate, VerificationKey VaultKey, NoteKey Key);
}
