using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Risk.Observations;
using Relay.Risk.Silence;

namespace Relay.Risk.Tests.Silence;

/// <summary>
/// A party on a made-up clock, watched by a relay that stands still for five seconds every ten minutes on average; three mediators vouch
/// for it, and are heard by the envelopes of others whenever somebody looks.
/// </summary>
internal sealed class SilenceSimulation(SyntheticRhythm rhythm, int seed)
{
    public const double PauseLength = 5;
    public const double PauseEvery = 600;

    private static readonly DateTimeOffset Start = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableArray<string> Mediators = ["oman", "qatar", "swiss"];

    private readonly Samples _samples = new(seed);
    private readonly OwnPauses _pauses = new();
    private readonly LocalHealth _health = new();
    private readonly SilenceWatch _watch = new(SilenceRules.Usual, "relay");
    private double _at;
    private double _pause = PauseEvery;
    private long _index;

    /// <summary>Envelopes that the party has sent.</summary>
    public long Sent { get; private set; }


    /// <summary>How often the party was told silent while it sends until a second of the made-up clock.</summary>
    public int FalseAlarms(double until)
    {
        var alarms = 0;
        while (_at < until) alarms += Step() ? 1 : 0;
        return alarms;
    }

    /// <summary>Lets it send so many envelopes, and for a fortnight.</summary>
    public void Warm(int envelopes)
    {
        while (Sent < envelopes || _at < GapRecord.Span.TotalSeconds) Step();
    }

    /// <summary>Seconds of the made-up clock.</summary>
    public double Time => _at;

    /// <summary>The party stops after its last envelope.</summary>
    /// <returns>How long until it is told, in seconds; what of the silence told it.</returns>
    public (double After, SilenceNotice Notice) Stop()
    {
        var last = _at;
        while (true)
        {
            // Told on the next whole second that the timer comes at.
            var look = Math.Ceiling((_watch.NextLook(Of(_at), _pauses) - Start).TotalSeconds);
            if (look < _pause) _at = look;
            else EndPause();
            if (Judge() is { } told) return (_at - last, told);
        }
    }

    // The party's next envelope.
    private bool Step()
    {
        var next = _at + Math.Max(0.001, rhythm.Next(_samples, _at));
        var isTold = false;
        while (true)
        {
            if (!isTold && _watch.NextDeadline(Of(_at), _pauses) is { } due && (due - Start).TotalSeconds is var deadline && deadline < next
                && deadline < _pause)
            {
                _at = Math.Max(_at + 1, Math.Ceiling(deadline));
                if (_at >= next) break;
                isTold |= Judge() is not null;
            }
            else if (_pause < next)
            {
                var end = _pause + PauseLength;
                EndPause();
                // The timer may come before what waited meanwhile.
                if (!isTold) isTold |= Judge() is not null;
                if (next < end) next = end;
            }
            else
            {
                break;
            }
        }

        _at = next;
        Observe("iran", _at);
        Sent++;
        return isTold;
    }

    private void EndPause()
    {
        var end = _pause + PauseLength;
        _pauses.Add(Of(_pause), Of(end));
        _health.Note(isWell: false);
        _at = end;
        _pause = end + (PauseEvery * _samples.Exponential());
    }

    private SilenceNotice? Judge()
    {
        Observe("oslo", _at);
        var told = _watch.Judge(Of(_at), _health, _pauses).LastOrDefault(notice => notice is { Party: "iran", Cause: not null });
        _health.Note(isWell: true);
        return told;
    }

    private void Observe(string sender, double at) => _watch.Observe(
        new ObservedEnvelope(_index, Of(at), sender, Lane.Normal, ++_index, [], Of(at), Mediators, 1), _pauses);

    private static DateTimeOffset Of(double seconds) => Start.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
}
