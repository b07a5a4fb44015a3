using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Protocol.Quorum;

/// <summary>Whether the mediators' signatures suffice, and why.</summary>
public sealed class QuorumResult
{
    internal QuorumResult(int weight, int required, ImmutableArray<string> counted, ImmutableArray<QuorumRow> rows)
    {
        Weight = weight;
        Required = required;
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
