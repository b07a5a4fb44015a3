using Microsoft.Extensions.Options;

namespace Relay.Functions.Http;

/// <summary>
/// Holds back what is answered to whoever has proved nothing until a fixed time after the request had come, so that what was looked up for
/// it, and how long that took, cannot be heard. Safe for concurrent use.
/// </summary>
/// <remarks>
/// The timer runs from before the look-up: it goes off when it goes off, whatever is done meanwhile. One that is begun after the look-up,
/// for what is left, would be off by what its clock rounds away, which differs with what is left and can be measured.
/// </remarks>
public sealed class UnprovedPace
{
    private readonly TimeSpan _after;
    private readonly TimeProvider _time;

    public UnprovedPace(IOptions<SubmissionOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _after = options.Value.UnprovedAfter;
        _time = time;
    }

    /// <summary>Begins to count; to be called before anything is looked up. What goes well just leaves it.</summary>
    public Wait Begin() => _after == TimeSpan.Zero
        ? new Wait(this, 0, Task.CompletedTask)
        // Not the caller's token: the timer is gone in a moment.
        : new Wait(this, _time.GetTimestamp(), Task.Delay(_after, _time, CancellationToken.None));

    /// <summary>What an answer waits for.</summary>
    public readonly struct Wait
    {
        private readonly UnprovedPace _pace;
        private readonly long _startedAt;
        private readonly Task _first;

        internal Wait(UnprovedPace pace, long startedAt, Task first)
        {
            _pace = pace;
            _startedAt = startedAt;
            _first = first;
        }

        /// <summary>Ends when the answer may go.</summary>
        /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
        public Task EndAsync(CancellationToken cancellationToken)
        {
            if (_pace._after == TimeSpan.Zero) return Task.CompletedTask;
            if (!_first.IsCompleted) return _first.WaitAsync(cancellationToken);
            var elapsed = _pace._time.GetElapsedTime(_startedAt);
            var left = TimeSpan.FromTicks(_pace._after.Ticks - (elapsed.Ticks % _pace._after.Ticks));
            return Task.Delay(left, _pace._time, cancellationToken);
        }
    }
}
