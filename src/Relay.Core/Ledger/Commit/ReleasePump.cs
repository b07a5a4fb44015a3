using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Forwards the released envelopes of one ledger, apart from its commits: a topic that is down must not stop a negotiation. Safe for concurrent use.</summary>
internal sealed class ReleasePump(
    string negotiation,
    IReleaseForwarding forwarding,
    Func<long, CancellationToken, ValueTask<bool>> mark,
    LedgerScheduler scheduler,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping)
{
    private const int LargestExponent = 6;
    private const int AtOnce = 32;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    // Guards _pending and _run. No await inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, PendingRelease> _pending = [];
    private Task? _run;

    /// <summary>Null while there is nothing to forward.</summary>
    public Task? Run
    {
        get
        {
            lock (_gate)
            {
                return _run;
            }
        }
    }

    /// <summary>True for an entry that is being forwarded here.</summary>
    public bool Knows(long index)
    {
        lock (_gate)
        {
            return _pending.ContainsKey(index);
        }
    }

    /// <summary>Takes an envelope to be forwarded; once more does nothing.</summary>
    public void Add(PendingRelease release)
    {
        lock (_gate)
        {
            if (!_pending.TryAdd(release.Index, release)) return;
            _run ??= scheduler.StartAsync(RunAsync);
        }
    }

    // Passes over what is pending, a few at once, so that their marks share commits; a pause after a pass in which something failed.
    private async Task RunAsync()
    {
        var failures = 0;
        var after = -1L;
        var (anyForwarded, anyFailed) = (false, false);
        while (true)
        {
            List<PendingRelease> next;
            lock (_gate)
            {
                next = Next(after);
                if (_pending.Count == 0 || stopping.IsCancellationRequested)
                {
                    _run = null;
                    return;
                }
            }

            if (next.Count > 0)
            {
                var forwarded = await Task.WhenAll(next.Select(ForwardAsync)).ConfigureAwait(false);
                anyForwarded |= forwarded.Contains(true);
                anyFailed |= forwarded.Contains(false);
                after = next[^1].Index;
                continue;
            }

            if (anyForwarded) failures = 0;
            if (anyFailed) await Task.Delay(FirstPause * (1 << Math.Min(failures++, LargestExponent)), time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            (after, anyForwarded, anyFailed) = (-1, false, false);
        }
    }

    // Called under the gate.
    private List<PendingRelease> Next(long after)
    {
        var next = new List<PendingRelease>();
        foreach (var (index, release) in _pending)
        {
            if (index <= after) continue;
            next.Add(release);
            if (next.Count == AtOnce) break;
        }

        return next;
    }

    private async Task<bool> ForwardAsync(PendingRelease release)
    {
        try
        {
            // What has expired is taken out by the next commit.
            if (release.Envelope.Payload.ExpiresAt > time.GetUtcNow())
            {
                if (await forwarding.ForwardAsync(release.Envelope, release.Index, release.Receipt, stopping).ConfigureAwait(false) is { } problem)
                {
                    LedgerLog.ReleaseWaits(logger, negotiation, release.Index, problem);
                    return false;
                }

                if (!await mark(release.Index, stopping).ConfigureAwait(false)) return false;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }

        lock (_gate)
        {
            _pending.Remove(release.Index);
        }

        return true;
    }
}

/// <summary>A released envelope on its way.</summary>
/// <param name="Index">Ledger index.</param>
/// <param name="Envelope">The envelope.</param>
/// <param name="Receipt">Its receipt.</param>
internal sealed record PendingRelease(long Index, Candidate Envelope, ReadOnlyMemory<byte> Receipt);
