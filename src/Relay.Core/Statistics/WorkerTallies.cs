using System.Security.Cryptography;
using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Statistics;

/// <summary>
/// What this process counts, by minute, until <see cref="TallyStore"/> has it. Counting costs no call anywhere. Safe for concurrent use.
/// </summary>
/// <remarks>
/// An envelope counts under its negotiation only where its ruling was made with that negotiation's document, so that no name made up by
/// strangers is kept.
/// </remarks>
public sealed class WorkerTallies : IRulingTally
{
    // A store that has been away for longer loses the minutes before it.
    private const int MaxMinutes = 15;

    private readonly TimeProvider _time;

    // Guards the field below and all windows. No await inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, OpenMinute> _minutes = [];

    public WorkerTallies(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
    }

    /// <summary>Names this process among workers: 16 hexadecimal digits, another at each start.</summary>
    public string Worker { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>The minute of a time: whole minutes since 1970.</summary>
    public static long MinuteOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    /// <summary>When a minute since 1970 begins.</summary>
    public static DateTimeOffset StartOf(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);

    /// <inheritdoc/>
    public void Ruled(Ruling ruling, Lane queue, TimeSpan took)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        lock (_gate)
        {
            var tally = Find(ruling);
            tally.AddRuled(ruling.Verdict);
            if (ruling is { Verdict: Verdict.Embargoed, Until: { } until }) tally.AddEmbargoed(MinuteOf(until));
            if (ruling.Verdict != Verdict.Forwarded) return;
            tally.LatencyToAdd(queue).Add(LatencyTally.BucketOf(took));
            if (ruling.ContentLength is { } length) tally.SizesToAdd().Add(SizeTally.ClassOf(length));
        }
    }

    /// <inheritdoc/>
    public void Refused(Ruling ruling)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        lock (_gate)
        {
            Find(ruling).AddRefused(ruling.Verdict);
        }
    }

    /// <inheritdoc/>
    public void Released(EnvelopeId id, int contentLength)
    {
        lock (_gate)
        {
            var tally = Now().Of(id.Negotiation);
            tally.AddReleased();
            tally.SizesToAdd().Add(SizeTally.ClassOf(contentLength));
        }
    }

    /// <summary>Minutes of which something is counted and not yet taken for good by the store, from the oldest.</summary>
    internal IReadOnlyList<OpenMinute> Minutes
    {
        get
        {
            lock (_gate)
            {
                return [.. _minutes.Values];
            }
        }
    }

    /// <summary>What a minute's blob must say now; null when the store has that already.</summary>
    internal (byte[] Content, long Version)? Unstored(OpenMinute minute)
    {
        lock (_gate)
        {
            return minute.Version == minute.Stored ? null : minute.Read();
        }
    }

    /// <summary>The store has a minute as it was read at a version.</summary>
    internal void Stored(OpenMinute minute, long version)
    {
        lock (_gate)
        {
            minute.Stored = version;
        }
    }

    /// <summary>Forgets a minute that is over, and in the store or too old to come there.</summary>
    /// <returns>True when it is no longer kept.</returns>
    internal bool TryForget(OpenMinute minute)
    {
        lock (_gate)
        {
            var now = MinuteOf(_time.GetUtcNow());
            if (minute.Minute >= now || (minute.Version != minute.Stored && minute.Minute > now - MaxMinutes)) return false;
            _minutes.Remove(minute.Minute);
            return true;
        }
    }

    // Called under the gate.
    private EnvelopeTally Find(Ruling ruling)
    {
        var window = Now();
        if (ruling.Id is not { } id) return window.Of(TallyWindow.Other);
        return IsKnown(ruling.Verdict) || window.Negotiations.ContainsKey(id.Negotiation)
            ? window.Of(id.Negotiation)
            : window.Of(TallyWindow.Other);
    }

    // Called under the gate.
    private TallyWindow Now()
    {
        var minute = MinuteOf(_time.GetUtcNow());
        if (!_minutes.TryGetValue(minute, out var open))
        {
            if (_minutes.Count >= MaxMinutes) _minutes.Remove(_minutes.Keys.First());
            _minutes.Add(minute, open = new OpenMinute(minute, _gate));
        }

        return open.Change();
    }

    private static bool IsKnown(Verdict verdict) => verdict is not (
        Verdict.Malformed or Verdict.Oversize or Verdict.UnknownNegotiation or Verdict.DirectoryUnavailable
        or Verdict.Unfinished or Verdict.QueueUnavailable);
}
