using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Protocol.Quorum;

/// <summary>Whether the mediators' signatures suffice, and why.</summary>
public sealed class QuorumResult
{
    private readonly IReadOnlyDictionary<string, int> _weights;

    internal QuorumResult(QuorumRule rule, int weight, ImmutableArray<string> counted, ImmutableArray<QuorumRow> rows)
    {
        _weights = rule.Weights;
        Weight = weight;
        Required = rule.Quorum;
        Counted = counted;
        Rows = rows;
    }

    /// <summary>True when <see cref="Weight"/> is at least <see cref="Required"/>.</summary>
    public bool Reached => Weight >= Required;

    /// <summary>Sum of the weights of distinct mediators with a valid signature.</summary>
    public int Weight { get; }

    /// <summary>The quorum.</summary>
    public int Required { get; }

    /// <summary>Mediators that counted, sorted ordinally.</summary>
    public ImmutableArray<string> Counted { get; }

    /// <summary>One row per signature, in the order given.</summary>
    public ImmutableArray<QuorumRow> Rows { get; }

    /// <summary>
    /// True when the signatures with this outcome explain why the quorum was missed: had they
    /// counted, it would have been reached. A mediator that counted otherwise adds nothing,
    /// but by a second valid signature its weight once more; a signature by
    /// nobody the rule knows could have been anybody's and explains any miss.
    /// </summary>
    public bool IsMissedFor(SignatureOutcome outcome)
    {
        var mediators = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in Rows)
        {
            if (row.Weight > 0 || row.Finding.Outcome != outcome) continue;
            if (row.Finding.Mediator is not { } mediator) return true;
            if (outcome == SignatureOutcome.Valid || !Counted.Contains(mediator)) mediators.Add(mediator);
        }

        return mediators.Count > 0 && Weight + mediators.Sum(mediator => (long)_weights.GetValueOrDefault(mediator)) >= Required;
    }

    /// <summary>
    /// What an entry with these signatures, in this order, is. A key that cannot be read, or was not good then, says nothing about who
    /// signed; what does not count by itself is a lie whatever that key says.
    /// </summary>
    public LoggedQuorum AsLogged()
    {
        var names = Rows.Select(row => row.Finding.Mediator).OfType<string>().ToList();
        if (!names.SequenceEqual(names.Order(StringComparer.Ordinal))) return LoggedQuorum.OutOfOrder;
        if (Rows.Any(row => row.Weight == 0 && !IsOpen(row.Finding.Outcome))) return LoggedQuorum.Missed;
        var open = Rows.Where(row => IsOpen(row.Finding.Outcome)).Select(row => row.Finding.Mediator!).ToHashSet(StringComparer.Ordinal);
        var more = open.Except(Counted).Sum(mediator => (long)_weights.GetValueOrDefault(mediator));
        if (Weight + more < Required) return LoggedQuorum.Missed;
        return open.Count > 0 ? LoggedQuorum.NotProved : LoggedQuorum.Holds;
    }

    private static bool IsOpen(SignatureOutcome outcome) => outcome switch
    {
        SignatureOutcome.KeyUnavailable or SignatureOutcome.KeyDisabled or SignatureOutcome.KeyCompromised
            or SignatureOutcome.UnknownKeyVersion => true,
        SignatureOutcome.Valid or SignatureOutcome.UnknownMediator or SignatureOutcome.AlgorithmMismatch
            or SignatureOutcome.BadSignature => false,
    };

    /// <summary>One line: weight of quorum, who counted, who did not and why.</summary>
    public string Explain()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"expected weight {Required}, got {Weight}");
        foreach (var row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"; {row.Finding.Mediator ?? Excerpt.Of(row.Finding.KeyId)}: {row.Reason}");
            if (row.Weight > 0) text.Append(CultureInfo.InvariantCulture, $" ({row.Weight})");
        }
        return text.ToString();
    }
}
