namespace Relay.Core.Statistics;

/// <summary>
/// What one worker counted in one minute, by negotiation; or several workers, in an hour, once added up. Not safe for concurrent use.
/// </summary>
public sealed class TallyWindow
{
    /// <summary>Most negotiations of a window that are counted by name: 10,000. Those of any others are counted together.</summary>
    public const int MaxNegotiations = 10_000;

    /// <summary>Stands for envelopes of no negotiation that is known: of unread heads, of made-up names, and past the most names.</summary>
    public const string Other = "-";

    private readonly Dictionary<string, EnvelopeTally> _negotiations = new(StringComparer.Ordinal);

    /// <summary>Tallies by negotiation, <see cref="Other"/> among them.</summary>
    public IReadOnlyDictionary<string, EnvelopeTally> Negotiations => _negotiations;

    /// <summary>The tally to add to.</summary>
    public EnvelopeTally Of(string negotiation)
    {
        if (_negotiations.TryGetValue(negotiation, out var tally)) return tally;
        if (_negotiations.Count >= MaxNegotiations && negotiation != Other) return Of(Other);
        tally = new EnvelopeTally();
        _negotiations.Add(negotiation, tally);
        return tally;
    }
}
