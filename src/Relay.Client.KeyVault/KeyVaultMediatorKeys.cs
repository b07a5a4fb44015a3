using System.Collections.Concurrent;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Keys;
using Relay.Client.Keys;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.KeyVault;

/// <summary>
/// Mediators' keys from their vaults, kept for a bounded time and then read again, so that a disabled version stops verifying within it.
/// Fails closed: what cannot be read is unavailable. Safe for concurrent use.
/// </summary>
/// <remarks>The caller asks only for keys of the negotiation's mediators, so a peer does not choose which vaults are called.</remarks>
public sealed class KeyVaultMediatorKeys : IMediatorKeys
{
    // A mediator has a handful of versions; more is someone inventing them, and then the oldest answers go.
    private const int MaxKept = 256;

    // For one read with all of its retries. A client's own patience is minutes, in which a message's lock ends.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Func<Uri, KeyClient> _vaults;
    private readonly TimeSpan _maxAge;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Kept> _kept = new(KeyIdentifier.TextComparer);

    /// <summary>Reads through clients the caller makes.</summary>
    /// <param name="vaults">Client for a vault; called for each read, so it should keep its clients.</param>
    /// <param name="maxAge">How long an answer is used; positive, 5 minutes is usual.</param>
    /// <param name="time">The clock.</param>
    public KeyVaultMediatorKeys(Func<Uri, KeyClient> vaults, TimeSpan maxAge, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(vaults);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxAge, TimeSpan.Zero);
        _vaults = vaults;
        _maxAge = maxAge;
        _time = time;
    }

    /// <inheritdoc/>
    public async ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        var now = _time.GetUtcNow();
        if (!_kept.TryGetValue(identifier.Text, out var kept) || now - kept.ReadAt >= _maxAge)
        {
            using var timer = new CancellationTokenSource(Deadline, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
            try
            {
                KeyVaultKey key = await _vaults(new Uri(identifier.Vault)).GetKeyAsync(
                    identifier.Name, identifier.Version, both.Token).ConfigureAwait(false);
                kept = Read(key, now);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                kept = new Kept(now, null, default);
            }
            catch (Exception e) when (IsNotNow(e) && !cancellationToken.IsCancellationRequested)
            {
                return new MediatorKey(SignatureOutcome.KeyUnavailable, null);
            }
            Keep(identifier.Text, kept);
        }
        if (kept.Key is null) return new MediatorKey(SignatureOutcome.UnknownKeyVersion, null);
        return MediatorKey.Judge(kept.Key, kept.Validity, signedAt, now);
    }

    // Refusals, connections that fail or are cut, tokens that cannot be had, a
    // client's or our own patience at its end, and any of these after retries.
    private static bool IsNotNow(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.All(IsNotNow),
        RequestFailedException
            or HttpRequestException
            or IOException
            or SocketException
            or OperationCanceledException
            or TimeoutException
            or AuthenticationFailedException =>
            true,
        _ => false,
    };

    private static Kept Read(KeyVaultKey key, DateTimeOffset now)
    {
        // An unsuitable kind of key verifies nothing, as if the version did not exist.
        VaultKeys.TryRead(key, out var verification, out _);
        var properties = key.Properties;
        return new Kept(now, verification, new KeyValidity(
            properties.Enabled, properties.NotBefore, properties.ExpiresOn, KeyValidity.ReadCompromisedSince(properties.Tags)));
    }

    private void Keep(string id, Kept kept)
    {
        if (_kept.Count >= MaxKept && _kept.MinBy(k => k.Value.ReadAt) is { Key: not null } oldest) _kept.TryRemove(oldest);
        _kept[id] = kept;
    }

    private sealed record Kept(DateTimeOffset ReadAt, VerificationKey? Key, KeyValidity Validity);
}
