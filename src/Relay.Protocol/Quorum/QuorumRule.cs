using System.Collections.Frozen;
using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Quorum;

/// <summary>Weights of mediators and what they must add up to. Immutable.</summary>
public sealed class QuorumRule
{
    /// <summary>Most mediators of one negotiation: 64.</summary>
    public const int MaxMediators = 64;

    /// <summary>Greatest weight of one mediator: 1,000,000.</summary>
    public const int MaxWeight = 1_000_000;

    private readonly FrozenDictionary<string, int> _weights;

    /// <summary>Takes the rule.</summary>
    /// <param name="weights">1 to 64 mediators, each of weight 1 to 1,000,000.</param>
    /// <param name="quorum">1 to the total weight.</param>
    /// <exception cref="ArgumentException">A bound is broken.</exception>
    public QuorumRule(IReadOnlyDictionary<string, int> weights, int quorum)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (Check(weights, quorum, out var total) is { } error) throw new ArgumentException($"Quorum rule: {error}.", nameof(weights));
        TotalWeight = total;
        _weights = weights.ToFrozenDictionary(StringComparer.Ordinal);
        Quorum = quorum;
    }

    /// <summary>Weight each accepted envelope needs.</summary>
    public int Quorum { get; }

    /// <summary>Sum of all weights.</summary>
    public int TotalWeight { get; }

    /// <summary>Weight by mediator.</summary>
    public IReadOnlyDictionary<string, int> Weights => _weights;

    /// <summary>
    /// Adds the weights of distinct mediators with a valid signature. A pure function; a
    /// mediator that signed twice counts once, and so do two whose signatures verify under one
    /// public key: the first of them counts.
    /// </summary>
    public QuorumResult Evaluate(params ReadOnlySpan<SignatureFinding> findings)
    {
        var rows = ImmutableArray.CreateBuilder<QuorumRow>(findings.Length);
        var counted = new SortedSet<string>(StringComparer.Ordinal);
        var keys = new HashSet<Digest>();
        var total = 0;
        foreach (var finding in findings)
        {
            var (weight, reason) = Count(finding, counted, keys);
            total += weight;
            rows.Add(new QuorumRow(finding, weight, reason));
        }
        return new QuorumResult(this, total, [.. counted], rows.DrainToImmutable());
    }

    /// <summary>What the numbers survive.</summary>
    public QuorumAnalysis Analyse()
    {
        // The heaviest mediators first give the fewest that reach any weight.
        var heaviest = _weights.Values.OrderDescending().ToArray();
        return new QuorumAnalysis(
            TotalWeight,
            Quorum,
            Quorum - 1,
            TotalWeight - Quorum,
            FewestReaching(heaviest, Quorum),
            FewestReaching(heaviest, TotalWeight - Quorum + 1),
            (2 * Quorum) - TotalWeight,
            3L * Quorum > 2L * TotalWeight);
    }

    /// <summary>What is wrong with a rule, or null.</summary>
    internal static string? Check(IReadOnlyDictionary<string, int> weights, int quorum, out int total)
    {
        total = 0;
        if (weights.Count is 0 or > MaxMediators) return $"expected 1 to {MaxMediators} mediators, got {weights.Count}";
        foreach (var (name, weight) in weights)
        {
            if (!RelayName.IsValid(name)) return "expected names of mediators, got something else";
            if (weight is < 1 or > MaxWeight) return $"expected weights of 1 to {MaxWeight}, got {weight} for '{name}'";
            total += weight;
        }
        return quorum < 1 || quorum > total ? $"expected a quorum of 1 to the total weight {total}, got {quorum}" : null;
    }

    private (int Weight, string Reason) Count(in SignatureFinding finding, SortedSet<string> counted, HashSet<Digest> keys) =>
        finding.Outcome switch
        {
            SignatureOutcome.Valid => CountValid(finding, counted, keys),
            SignatureOutcome.UnknownMediator => (0, "no mediator of this negotiation has this key"),
            SignatureOutcome.UnknownKeyVersion => (0, "the vault has no such version of the key"),
            SignatureOutcome.KeyDisabled => (0, "the key version is disabled or out of date"),
            SignatureOutcome.KeyCompromised => (0, "the key version was withdrawn as compromised"),
            SignatureOutcome.KeyUnavailable => (0, "the key could not be read"),
            SignatureOutcome.AlgorithmMismatch => (0, "the algorithm is not the key's"),
            SignatureOutcome.BadSignature => (0, "the signature does not verify"),
        };

    private (int Weight, string Reason) CountValid(in SignatureFinding finding, SortedSet<string> counted, HashSet<Digest> keys)
    {
        if (finding.Mediator is null || !_weights.TryGetValue(finding.Mediator, out var weight))
        {
            return (0, "not a mediator of this negotiation");
        }
        if (counted.Contains(finding.Mediator)) return (0, "this mediator has counted already");
        if (finding.Thumbprint is { } key && !keys.Add(key))
        {
            return (0, "this public key has counted already, under another mediator's name");
        }
        counted.Add(finding.Mediator);
        return (weight, "valid");
    }

    private static int FewestReaching(int[] heaviestFirst, int weight)
    {
        var sum = 0;
        for (var i = 0; i < heaviestFirst.Length; i++)
        {
            sum += heaviestFirst[i];
            if (sum >= weight) return i + 1;
        }
        return heaviestFirst.Length;
    }
}
