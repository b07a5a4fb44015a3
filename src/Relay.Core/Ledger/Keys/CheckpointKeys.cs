using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Keys;

/// <summary>
/// This process's checkpoint key: made here, certified for an hour, renewed at half of it, wiped on shutdown. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A commit costs no vault call: the vault signs twice an hour and process. From half-life
/// on the old key goes on signing while the new one is certified, so a vault may be
/// down for half an hour unnoticed. Renewal runs on whoever asks for the key; nobody waits for it but those who have no key at all.
/// </remarks>
public sealed class CheckpointKeys : IAsyncDisposable
{
    // A key this close to its end signs nothing more: the head it signs must be read before the clock of the reader has passed it.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    // After a failed renewal the vault is left alone for this long.
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);

    // A reader's clock may be behind by as much.
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(1);

    private readonly ICheckpointCertifier _certifier;
    private readonly Func<PrivateJwk> _generate;
    private readonly string _originPrefix;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger<CheckpointKeys> _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private CheckpointSigner? _current;

    // Kept for one more period: a commit that began before the renewal still signs with it.
    private CheckpointSigner? _previous;
    private Task? _renewal;
    private long? _failedAt;
    private bool _failing;
    private bool _disposed;

    /// <param name="certifier">The vault key.</param>
    /// <param name="relayName">Name of the relay, what origins begin with.</param>
    /// <param name="timeout">Longest wait for the vault.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public CheckpointKeys(
        ICheckpointCertifier certifier, string relayName, TimeSpan timeout, TimeProvider time, ILogger<CheckpointKeys> logger)
        : this(certifier, relayName, timeout, time, logger, static () => PrivateJwk.Generate(JwkKind.P256, "checkpoint"))
    {
    }

    /// <summary>With keys of another source: for tests that must do the same twice.</summary>
    internal CheckpointKeys(
        ICheckpointCertifier certifier,
        string relayName,
        TimeSpan timeout,
        TimeProvider time,
        ILogger<CheckpointKeys> logger,
        Func<PrivateJwk> generate)
    {
        _generate = generate;
        _certifier = certifier;
        _originPrefix = relayName + "/";
        _timeout = timeout;
        _time = time;
        _logger = logger;
    }

    /// <summary>The key to sign with now what is dated.</summary>
    /// <param name="at">The date of what is to be signed. This machine's clock may have been set since it was read: a key that
    /// begins after it is none for it, nor is one made by what the clock says by now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when there is none and the vault cannot certify one now.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; the renewal goes on for the others.</exception>
    public ValueTask<CheckpointSigner?> GetAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        // A ledger may be ahead of this machine, no key is made ahead of it.
        var begin = (at < now ? at : now) - Backdate;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Usable(at, now) is { } current)
            {
                if (now >= current.Certificate.ExpiresAt - CheckpointKeyCertificate.MaxLifetime / 2) StartRenewal(begin);
                return new(current);
            }

            StartRenewal(begin);
        }

        return WaitAsync(at, cancellationToken);
    }

    /// <summary>Stops renewing, waits for a renewal under way, and wipes the keys.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? renewal;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            renewal = _renewal;
        }

        // Not CancelAsync, which hops to the thread pool; nothing that is registered here blocks.
        _stopping.Cancel();
        if (renewal is not null) await renewal.ConfigureAwait(false);
        _current?.Dispose();
        _previous?.Dispose();
        _stopping.Dispose();
    }

    // Called under the gate.
    private CheckpointSigner? Usable(DateTimeOffset at, DateTimeOffset now) =>
        _current is { Certificate: var certificate } current && certificate.NotBefore <= at && now < certificate.ExpiresAt - Margin
            ? current
            : null;

    private async ValueTask<CheckpointSigner?> WaitAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        Task? renewal;
        lock (_gate)
        {
            renewal = _renewal;
        }

        if (renewal is not null) await renewal.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            return Usable(at, _time.GetUtcNow());
        }
    }

    // Called under the gate.
    private void StartRenewal(DateTimeOffset begin)
    {
        if (_renewal is not null || (_failedAt is { } failedAt && _time.GetElapsedTime(failedAt) < FailurePause)) return;
        var renewal = RenewAsync(begin);
        // One that ended at once has left its result behind already.
        _renewal = renewal.IsCompleted ? null : renewal;
    }

    private async Task RenewAsync(DateTimeOffset begin)
    {
        PrivateJwk? key = _generate();
        try
        {
            if (!PublicJwk.TryCreate(key.Public.ToECParameters(), null, out var publicKey, out var error))
            {
                throw new InvalidOperationException(error);
            }
            var certificate = await CertifyAsync(publicKey, begin).ConfigureAwait(false);
            var signer = certificate is null ? null : new CheckpointSigner(key, certificate);
            if (signer is not null) key = null;
            Finish(signer);
        }
        finally
        {
            key?.Dispose();
        }
    }

    private async Task<CheckpointKeyCertificate?> CertifyAsync(PublicJwk key, DateTimeOffset begin)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            return await _certifier.CertifyAsync(_originPrefix, key, begin, begin + CheckpointKeyCertificate.MaxLifetime, linked.Token)
                .AsTask().WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Finish(CheckpointSigner? signer)
    {
        CheckpointSigner? retired = null;
        bool changed;
        lock (_gate)
        {
            _renewal = null;
            changed = _failing != signer is null || signer is not null;
            _failing = signer is null;
            if (signer is null)
            {
                _failedAt = _time.GetTimestamp();
            }
            else
            {
                retired = _previous;
                _previous = _current;
                _current = signer;
            }
        }

        retired?.Dispose();
        if (!changed) return;
        if (signer is null) RelayLog.CheckpointKeyNotCertified(_logger);
        else RelayLog.CheckpointKeyCertified(_logger, signer.Certificate.SignedBy.Text, signer.Certificate.ExpiresAt);
    }
}
