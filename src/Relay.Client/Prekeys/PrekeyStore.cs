using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Relay.Client.Files;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Prekeys;

/// <summary>
/// The private prekeys of one delegation in one negotiation, as a folder of encrypted files, and the newest bundles seen of others. One
/// process at a time; safe for concurrent use in it; the owner disposes it.
/// </summary>
/// <remarks>
/// <code>
/// store.jwe            a random key, under the caller's secret     key-{kid}.jwe    a private key, under the random key
/// state.jwe            which bundles there are                     bundle-{n}.jws   a bundle that the relay may not have yet
/// peer-{name}.txt      newest bundle of another delegation, and where the claim that brought it stands in the ledger
/// </code>
/// A key that was used is overwritten, synced and removed. Where a file system or a disk writes elsewhere than where it is told (copies on
/// write, flash), what is left of a file is ciphertext under the store's key: to be rid of it for good, keep the folder on a volume whose
/// key can be destroyed.
/// </remarks>
public sealed class PrekeyStore : IDisposable
{
    private const string Root = "store.jwe";
    private const string State = "state.jwe";

    // Guards all that follows. No await inside.
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly FileLock _lock;
    private readonly byte[] _key;
    private StoredBundles _bundles;

    private PrekeyStore(string folder, string negotiation, string delegation, FileLock @lock, byte[] key, StoredBundles bundles)
    {
        _folder = folder;
        _lock = @lock;
        _key = key;
        _bundles = bundles;
        Negotiation = negotiation;
        Delegation = delegation;
        Peers = new PeerBundles(folder, negotiation);
    }

    /// <summary>The negotiation.</summary>
    public string Negotiation { get; }

    /// <summary>Whose keys these are.</summary>
    public string Delegation { get; }

    /// <summary>The newest bundles seen of others, in the same folder.</summary>
    public PeerBundles Peers { get; }

    /// <summary>The newest bundle that the relay has; null when there is none.</summary>
    internal StoredBundle? Newest
    {
        get
        {
            lock (_gate) return _bundles.Bundles.LastOrDefault(bundle => bundle.IsPublished);
        }
    }

    /// <summary>Opens a store; one that is not there is made.</summary>
    /// <param name="folder">Of this store alone.</param>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="delegation">Whose keys.</param>
    /// <param name="secret">Opens it; the caller disposes it.</param>
    /// <exception cref="PrekeyStoreException">Another process has it open, the secret is another, or a file is damaged.</exception>
    public static PrekeyStore Open(string folder, string negotiation, string delegation, StoreSecret secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(secret);
        if (!RelayName.IsValid(negotiation) || !RelayName.IsValid(delegation))
        {
            throw new ArgumentException("Expected names of a negotiation and a delegation.", nameof(delegation));
        }
        var file = Lock(folder);
        try
        {
            var key = OpenRoot(folder, secret);
            var state = SealedFile.Read(Path.Combine(folder, State));
            var store = new PrekeyStore(folder, negotiation, delegation, file, key, StoredBundles.Empty);
            if (state is not null)
            {
                store._bundles = StoredBundles.Parse(store.Decrypt(State, state))
                    ?? throw new PrekeyStoreException($"expected the state of a key store in '{State}', got something else");
            }
            store.DropUnsigned();
            return store;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A private key; null when it is not here, or no longer. The caller disposes it.</summary>
    /// <exception cref="PrekeyStoreException">The file is damaged.</exception>
    public PrivateJwk? Find(string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        if (!IsOurs(keyId, out _)) return null;
        lock (_gate)
        {
            var name = NameOf(keyId);
            if (SealedFile.Read(Path.Combine(_folder, name)) is not { } jwe) return null;
            var json = Decrypt(name, jwe);
            try
            {
                return PrivateJwk.TryParse(json, out var key, out _) && key.KeyId == keyId
                    ? key
                    : throw new PrekeyStoreException($"expected private key {keyId} in '{name}', got something else");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(json);
            }
        }
    }

    /// <summary>Until when a session key is kept; null for a one-time key, or one that is not known here.</summary>
    public DateTimeOffset? FindReusable(string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        lock (_gate)
        {
            return _bundles.Bundles.FirstOrDefault(bundle => PrekeyBundle.SessionKeyId(Delegation, bundle.Number) == keyId) is { } bundle
                ? OpenableUntil(bundle.ExpiresAt)
                : null;
        }
    }

    /// <summary>Removes one-time keys that were used; session keys, and what is not here, are let be.</summary>
    public void DeleteUsed(IEnumerable<string> keyIds)
    {
        ArgumentNullException.ThrowIfNull(keyIds);
        lock (_gate)
        {
            foreach (var keyId in keyIds)
            {
                if (IsOurs(keyId, out var isOneTime) && isOneTime) SealedFile.Remove(Path.Combine(_folder, NameOf(keyId)));
            }
        }
    }

    /// <summary>
    /// Removes the keys of bundles to which nobody can have sealed what may still come: those that ended longer ago than an envelope may
    /// last.
    /// </summary>
    public void DeleteOver(DateTimeOffset now)
    {
        lock (_gate)
        {
            var over = _bundles.Bundles.Where(bundle => OpenableUntil(bundle.ExpiresAt) + EnvelopeLimits.MaxClockSkew < now).ToList();
            foreach (var bundle in over) DeleteKeys(bundle);
            if (over.Count > 0) Save(_bundles with { Bundles = [.. _bundles.Bundles.Except(over)] });
        }
    }

    /// <summary>Until when content sealed to the reusable key of a bundle can be opened: when the key is removed.</summary>
    internal static DateTimeOffset OpenableUntil(DateTimeOffset expiresAt) => expiresAt + EnvelopeLimits.MaxLifetime;

    /// <summary>The bundle that was signed and of which no receipt has come; null when there is none.</summary>
    internal PrekeyBundle? FindPending()
    {
        lock (_gate)
        {
            if (_bundles.Bundles.LastOrDefault() is not { IsPublished: false } bundle) return null;
            return PrekeyBundle.TryParse(SealedFile.Read(PathOf(bundle)) ?? [], out var pending, out _, out var detail)
                ? pending
                : throw new PrekeyStoreException($"expected bundle {bundle.Number} as it was signed, got something else: {detail}");
        }
    }

    /// <summary>Makes new keys, under a number and ids that were never used, whatever becomes of them.</summary>
    internal PrekeyBundleDraft Prepare(JwkKind kind, int count, DateTimeOffset now, TimeSpan lifetime)
    {
        lock (_gate)
        {
            var issued = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
            var bundle = new StoredBundle(_bundles.Number + 1, _bundles.NextId, count, issued, issued + lifetime, IsPublished: false);
            // First that they are taken: after a crash here they are never used.
            Save(new StoredBundles(bundle.Number, bundle.First + count, [.. _bundles.Bundles, bundle]));
            return new PrekeyBundleDraft
            {
                Negotiation = Negotiation,
                Number = bundle.Number,
                IssuedAt = bundle.IssuedAt,
                ExpiresAt = bundle.ExpiresAt,
                Session = Generate(kind, PrekeyBundle.SessionKeyId(Delegation, bundle.Number)),
                OneTime =
                [
                    .. Enumerable.Range(0, count).Select(i => Generate(kind, PrekeyBundle.OneTimeKeyId(Delegation, bundle.First + i))),
                ],
            };
        }
    }

    /// <summary>Keeps a signed bundle before anybody is given it: what is sent again is the same, byte for byte.</summary>
    internal void SavePending(PrekeyBundle bundle)
    {
        lock (_gate) PrivateFile.Write(PathOf(_bundles.Bundles.Single(one => one.Number == bundle.Number)), bundle.Bytes.Span);
    }

    /// <summary>The relay has it.</summary>
    internal void MarkPublished(long number)
    {
        lock (_gate)
        {
            Save(_bundles with
            {
                Bundles = [.. _bundles.Bundles.Select(one => one.Number == number ? one with { IsPublished = true } : one)],
            });
        }
    }

    /// <summary>A bundle of this store as it was published; null when it is not here.</summary>
    internal PrekeyBundle? FindOwn(long number)
    {
        lock (_gate)
        {
            return _bundles.Bundles.FirstOrDefault(one => one.Number == number) is { } bundle
                && PrekeyBundle.TryParse(SealedFile.Read(PathOf(bundle)) ?? [], out var read, out _, out _) ? read : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        _lock.Dispose();
    }

    private static FileLock Lock(string folder) => FileLock.TryTake(Path.Combine(folder, "lock"), out var taken)
        ? taken
        : throw new PrekeyStoreException($"expected to be the only one with key store '{folder}', another process has it open");

    private static byte[] OpenRoot(string folder, StoreSecret secret)
    {
        var path = Path.Combine(folder, Root);
        if (SealedFile.Read(path) is { } jwe)
        {
            return SealedFile.Decrypt(Root, jwe, (salt, iterations) => secret.Derive(salt, Math.Max(1, iterations)))
                ?? throw new PrekeyStoreException(
                    $"expected the secret that key store '{folder}' was made with, got another, or '{Root}' is damaged");
        }
        if (File.Exists(Path.Combine(folder, State)))
        {
            throw new PrekeyStoreException($"expected '{Root}' beside '{State}' in key store '{folder}', got none: restore it");
        }
        var salt = secret.IsPassphrase ? RandomNumberGenerator.GetBytes(StoreSecret.SaltSize) : [];
        var (derived, key) = (secret.Derive(salt, StoreSecret.Iterations), RandomNumberGenerator.GetBytes(StoreSecret.KeySize));
        PrivateFile.Write(path, SealedFile.Encrypt(Root, key, derived, salt));
        CryptographicOperations.ZeroMemory(derived);
        return key;
    }

    internal static string NameOf(string keyId) => $"key-{keyId.Replace('#', '.')}.jwe";

    private string PathOf(StoredBundle bundle) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"bundle-{bundle.Number}.jws"));

    // A name from a peer becomes the name of a file only when it is one that this store gives.
    private bool IsOurs(string keyId, out bool isOneTime)
    {
        isOneTime = keyId.StartsWith($"{Delegation}#once-", StringComparison.Ordinal);
        var prefix = isOneTime ? $"{Delegation}#once-" : $"{Delegation}#session-";
        return keyId.StartsWith(prefix, StringComparison.Ordinal)
            && keyId.Length is var length && length > prefix.Length && length <= prefix.Length + 16
            && !keyId.AsSpan(prefix.Length).ContainsAnyExceptInRange('0', '9');
    }

    private PublicJwk Generate(JwkKind kind, string keyId)
    {
        using var key = kind == JwkKind.MlKem768P256 ? HybridKeyPair.Generate(keyId) : PrivateJwk.Generate(kind, keyId);
        var json = key.ToJson();
        PrivateFile.Write(Path.Combine(_folder, NameOf(keyId)), SealedFile.Encrypt(NameOf(keyId), json, _key));
        CryptographicOperations.ZeroMemory(json);
        return key.Public;
    }

    private void Save(StoredBundles bundles)
    {
        PrivateFile.Write(Path.Combine(_folder, State), SealedFile.Encrypt(State, bundles.ToBytes(), _key));
        _bundles = bundles;
    }

    private byte[] Decrypt(string name, byte[] jwe) => SealedFile.Decrypt(name, jwe, (_, _) => [.. _key])
        ?? throw new PrekeyStoreException($"expected '{name}' as this store wrote it, got something else: restore it");

    // Made, and then the process ended before it was signed: nobody was ever given it.
    private void DropUnsigned()
    {
        var unsigned = _bundles.Bundles.Where(bundle => !bundle.IsPublished && !File.Exists(PathOf(bundle))).ToList();
        foreach (var bundle in unsigned) DeleteKeys(bundle);
        if (unsigned.Count > 0) Save(_bundles with { Bundles = [.. _bundles.Bundles.Except(unsigned)] });
    }

    private void DeleteKeys(StoredBundle bundle)
    {
        SealedFile.Remove(Path.Combine(_folder, NameOf(PrekeyBundle.SessionKeyId(Delegation, bundle.Number))));
        for (var i = 0; i < bundle.Count; i++)
        {
            SealedFile.Remove(Path.Combine(_folder, NameOf(PrekeyBundle.OneTimeKeyId(Delegation, bundle.First + i))));
        }
        SealedFile.Remove(PathOf(bundle));
    }
}
