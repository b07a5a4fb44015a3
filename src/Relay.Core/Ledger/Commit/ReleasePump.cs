using Relay.Core.Forwarding;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Forwards the released envelopes of one ledger, apart from its commits: a
/// topic that is down must not stop a negotiation. Safe for concurrent use.
/// </summary>
internal sealed class ReleasePump
{
    private const int LargestExponent = 6;
    private const int AtOnce = 32;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly string _negotiation;
    private readonly LedgerServices _services;
    private readonly Action<long> _markForwarded;
    private readonly SerialWork<List<LoggedEnvelope>> _forwarding;

    // Guards _pending and _pass. No await inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, LoggedEnvelope> _pending = [];
    private Pass _pass = new();

    /// <param name="negotiation">The negotiation.</param>
    /// <param name="services">What forwards, scheduler, clock.</param>
    /// <param name="markForwarded">Takes note that an entry is forwarded.</param>
    public ReleasePump(string negotiation, LedgerServices services, Action<long> markForwarded)
    {
        _negotiation = negotiation;
        _services = services;
        _markForwarded = markForwarded;
        _forwarding = new SerialWork<List<LoggedEnvelope>>(_gate, services.Scheduler, Take, RunAsync);
    }

    /// <summary>Null while there is nothing to forward.</summary>
    public Task? Run => _forwarding.Run;

    /// <summary>True for an entry that is being forwarded here.</summary>
    public bool Knows(long index)
    {
        lock (_gate)
        {
            return _pending.ContainsKey(index);
        }
    }

    /// <summary>Takes an envelope to be forwarded; once more does nothing.</summary>
    public void Add(LoggedEnvelope release)
    {
        lock (_gate)
        {
            if (_pending.TryAdd(release.Index, release)) _forwarding.Start();
        }
    }

    // Called under the gate. A few of the pass, so that their marks share commits; none at its end.
    private List<LoggedEnvelope>? Take()
    {
        if (_pending.Count == 0 || _services.Stopping.IsCancellationRequested)
        {
            _pass = new Pass();
            return null;
        }

        return [.. _pending.Where(release => release.Key > _pass.After).Take(AtOnce).Select(release => release.Value)];
    }

    private async Task RunAsync(List<LoggedEnvelope> next)
    {
        if (next.Count == 0)
        {
            await EndPassAsync().ConfigureAwait(false);
            return;
        }

        var forwarded = await Task.WhenAll(next.Select(ForwardAsync)).ConfigureAwait(false);
        lock (_gate)
        {
            _pass = _pass with
            {
                After = next[^1].Index,
                AnyForwarded = _pass.AnyForwarded || forwarded.Contains(true),
                AnyFailed = _pass.AnyFailed || forwarded.Contains(false),
            };
        }
    }

    // A pause after a pass in which something failed.
    private async Task EndPassAsync()
    {
        var failures = _pass.AnyForwarded ? 0 : _pass.Failures;
        if (_pass.AnyFailed)
        {
            var pause = FirstPause * (1 << Math.Min(failures++, LargestExponent));
            await LedgerScheduler.PauseAsync(pause, _services.Time, _services.Stopping).ConfigureAwait(false);
        }

        lock (_gate)
        {
            _pass = new Pass { Failures = failures };
        }
    }

    private async Task<bool> ForwardAsync(LoggedEnvelope release)
    {
        try
        {
            // What has expired is taken out by the next commit.
            if (release.Head.ExpiresAt > _services.Now)
            {
                if (await _services.Releases.ForwardAsync(release, _services.Stopping).ConfigureAwait(false) is { } problem)
                {
                    LedgerLog.ReleaseWaits(_services.Logger, _negotiation, release.Index, problem);
                    return false;
                }

                _markForwarded(release.Index);
            }
        }
        catch (OperationCanceledException) when (_services.Stopping.IsCancellationRequested)
        {
            return false;
        }
        // The run must go on for the other releases, and this one must be tried again: nobody else would while it is known here.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            LedgerLog.Unexpected(_services.Logger, _negotiation, e);
            return false;
        }

        lock (_gate)
        {
            _pending.Remove(release.Index);
        }

        return true;
    }

    /// <summary>Where a pass over all that is pending stands.</summary>
    private readonly record struct Pass()
    {
        public long After { get; init; } = -1;

        public bool AnyForwarded { get; init; }

        public bool AnyFailed { get; init; }

        /// <summary>Passes before this one, in a row, in which nothing but failures came.</summary>
        public int Failures { get; init; }
    }
}
