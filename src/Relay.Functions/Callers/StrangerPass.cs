using Relay.Core.Ledger.Reading;

namespace Relay.Functions.Callers;

/// <summary>What a request took of <see cref="StrangerLimits"/>.</summary>
public readonly struct StrangerPass
{
    private readonly StrangerLimits _limits;
    private readonly StrangerLimits.Tally _tally;
    private readonly bool _ofAll;

    internal StrangerPass(StrangerLimits limits, StrangerLimits.Tally tally, bool ofAll, RateStanding? over)
    {
        _limits = limits;
        _tally = tally;
        _ofAll = ofAll;
        Over = over;
    }

    /// <summary>The limits that it is past, with when it may come again; null when it may go on.</summary>
    public RateStanding? Over { get; }

    /// <summary>What it brought has proved itself: it took nothing. To be called once at most.</summary>
    public void Proved()
    {
        if (Over is null) _limits.GiveBack(_tally, _ofAll);
    }
}
