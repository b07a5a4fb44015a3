using Relay.Risk.Observations;

namespace Relay.Forecasts;

/// <summary>
/// When things happened in a negotiation: all that forecasts are made from. Times are in order. Immutable.
/// </summary>
public sealed class NegotiationHistory
{
    private readonly DateTimeOffset[] _envelopes;
    private readonly DateTimeOffset[] _evidence;
    private readonly (DateTimeOffset At, bool Frozen)[] _modes;

    /// <param name="envelopes">When envelopes were accepted.</param>
    /// <param name="evidence">When contradictions were logged.</param>
    /// <param name="modes">From when on the negotiation was frozen (read-only or closed), or was not.</param>
    public NegotiationHistory(
        IEnumerable<DateTimeOffset> envelopes, IEnumerable<DateTimeOffset> evidence, IEnumerable<(DateTimeOffset At, bool Frozen)> modes)
    {
        _envelopes = [.. envelopes.Order()];
        _evidence = [.. evidence.Order()];
        _modes = [.. modes.OrderBy(mode => mode.At)];
    }

    /// <summary>Of a ledger's entries.</summary>
    public static NegotiationHistory Of(LedgerObservations observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        return new NegotiationHistory(
            observations.Envelopes.Select(envelope => envelope.At),
            observations.Evidence.Select(shown => shown.At),
            observations.Modes.Select(mode => (mode.At, Questions.IsFrozen(mode.Mode))));
    }

    /// <summary>When envelopes were accepted.</summary>
    public IReadOnlyList<DateTimeOffset> Envelopes => _envelopes;

    /// <summary>The same as it was known at that moment.</summary>
    public NegotiationHistory Until(DateTimeOffset at) => new(
        _envelopes.TakeWhile(time => time <= at), _evidence.TakeWhile(time => time <= at), _modes.TakeWhile(mode => mode.At <= at));

    /// <summary>Envelopes accepted from after one moment up to another.</summary>
    public int CountEnvelopes(DateTimeOffset after, DateTimeOffset until) => Count(_envelopes, after, until);

    /// <summary>Contradictions logged from after one moment up to another.</summary>
    public int CountEvidence(DateTimeOffset after, DateTimeOffset until) => Count(_evidence, after, until);

    /// <summary>Envelopes accepted up to a moment.</summary>
    public int CountEnvelopes(DateTimeOffset until) => Upper(_envelopes, until);

    /// <summary>True while it is read-only or closed.</summary>
    public bool IsFrozen(DateTimeOffset at) => _modes.LastOrDefault(mode => mode.At <= at).Frozen;

    /// <summary>Whether what the model waits for came after one moment and up to another.</summary>
    public bool HasEvent(ForecastQuestion question, DateTimeOffset after, DateTimeOffset until) => question switch
    {
        ForecastQuestion.NextEnvelope or ForecastQuestion.FallsSilent => CountEnvelopes(after, until) > 0,
        ForecastQuestion.Frozen => _modes.Any(mode => mode.Frozen && mode.At > after && mode.At <= until),
    };

    private static int Count(DateTimeOffset[] times, DateTimeOffset after, DateTimeOffset until) =>
        Upper(times, until) - Upper(times, after);

    // How many are not later.
    private static int Upper(DateTimeOffset[] times, DateTimeOffset until)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (times[middle] <= until) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
