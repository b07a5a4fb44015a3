using System.Collections.Concurrent;
using Relay.Client.Keys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Ledger;

/// <summary>
/// Checks what one relay signs for one negotiation: knows the relay's name and its
/// vault key, and believes no other. Safe for concurrent use; the owner disposes it.
/// </summary>
public sealed class LedgerTrust : IDisposable
{
    // A vault key has a handful of versions; more is someone inventing them.
    private const int MaxVersions = 64;

    private readonly string _vaultKey;
    private readonly IMediatorKeys _keys;
    private readonly TimeProvider _time;
    private readonly ReceiptVerifier _verifier;
    private readonly ConcurrentDictionary<string, VerificationKey> _found = new(KeyIdentifier.TextComparer);

    /// <summary>Trusts one relay.</summary>
    /// <param name="relayName">The relay's name, from a source the caller trusts: origins are <c>{relayName}/{negotiation}</c>.</param>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="vaultKey">The vault key that certifies the relay's checkpoint
    /// keys, without version: <c>https://{vault}/keys/{name}</c>.</param>
    /// <param name="keys">Where the public halves of its versions come from.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The key is no vault key without version.</exception>
    public LedgerTrust(string relayName, string negotiation, string vaultKey, IMediatorKeys keys, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(relayName);
        ArgumentException.ThrowIfNullOrEmpty(negotiation);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(time);
        if (!KeyIdentifier.IsKey(vaultKey))
        {
            throw new ArgumentException(
                $"Expected a vault key without version, https://{{vault}}/keys/{{name}}, got '{vaultKey}'.", nameof(vaultKey));
        }
        Origin = $"{relayName}/{negotiation}";
        _vaultKey = vaultKey;
        _keys = keys;
        _time = time;
        _verifier = new ReceiptVerifier(Origin, id => _found.GetValueOrDefault(id.Text));
    }

    /// <summary>Origin of the ledger.</summary>
    public string Origin { get; }

    /// <summary>Where public keys come from.</summary>
    internal IMediatorKeys Keys => _keys;

    /// <summary>The vault key that certifies the relay's checkpoint keys, without version.</summary>
    internal string VaultKey => _vaultKey;

    /// <summary>Checks a receipt against the envelope it came with.</summary>
    public async ValueTask<ReceiptCheck> CheckAsync(Receipt receipt, EnvelopeHead envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        if (await FindKeyAsync(receipt.Certificate, cancellationToken).ConfigureAwait(false) is { } unread) return unread;
        return new ReceiptCheck(_verifier.Check(receipt, envelope, _time.GetUtcNow(), out var detail), false, detail);
    }

    /// <summary>Checks a receipt, of whatever entry, that came without its envelope.</summary>
    public async ValueTask<ReceiptCheck> CheckAsync(EntryReceipt receipt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        if (await FindKeyAsync(receipt.Certificate, cancellationToken).ConfigureAwait(false) is { } unread) return unread;
        return new ReceiptCheck(_verifier.Check(receipt, _time.GetUtcNow(), out var detail), false, detail);
    }

    /// <summary>Checks a checkpoint.</summary>
    public async ValueTask<ReceiptCheck> CheckAsync(SignedCheckpoint signed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signed);
        if (await FindKeyAsync(signed.Certificate, cancellationToken).ConfigureAwait(false) is { } unread) return unread;
        return new ReceiptCheck(_verifier.Check(signed, _time.GetUtcNow(), out var detail), false, detail);
    }

    /// <inheritdoc/>
    public void Dispose() => _verifier.Dispose();

    // A key of another name never reaches a vault: the verifier finds nothing for it and says so.
    private async ValueTask<ReceiptCheck?> FindKeyAsync(CheckpointKeyCertificate certificate, CancellationToken cancellationToken)
    {
        var id = certificate.SignedBy;
        if (!id.IsVersionOf(_vaultKey)) return null;
        // Judged when it certified, not now: a version that has expired, or was disabled, keeps proving what it has signed.
        var found = await _keys.FindAsync(id, certificate.NotBefore, cancellationToken).ConfigureAwait(false);
        if (found.Outcome == SignatureOutcome.KeyUnavailable)
        {
            return new ReceiptCheck(ReceiptFault.None, true, $"expected the relay's key {id.Key} from its vault, it cannot be read now");
        }
        if (found.CompromisedSince is { } since)
        {
            _found.TryRemove(id.Text, out _);
            return new ReceiptCheck(
                ReceiptFault.CompromisedVaultKey, false,
                $"expected a certificate by a key version that the relay alone has, {id.Version} was withdrawn as compromised since "
                    + $"{since:u}: what it certified counts for whoever saw it before; ask the relay for this again, under a new version");
        }
        if (found.Key is null)
        {
            _found.TryRemove(id.Text, out _);
        }
        else
        {
            if (_found.Count >= MaxVersions) _found.Clear();
            _found[id.Text] = found.Key;
        }
        return null;
    }
}
