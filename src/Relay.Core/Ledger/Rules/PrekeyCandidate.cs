using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>A bundle of prekeys or a claim of them, whose signature holds, and that asks to be logged. Immutable.</summary>
/// <param name="Policy">The negotiation document whose identity key has signed it.</param>
/// <param name="Document">Bytes of that document, which the ledger keeps with the entry that puts it in force.</param>
public abstract record PrekeyCandidate(PolicyState Policy, ReadOnlyMemory<byte> Document)
{
    /// <summary>The negotiation.</summary>
    public abstract string Negotiation { get; }

    /// <summary>The delegation whose keys it is about.</summary>
    public abstract string Delegation { get; }

    private protected static PolicyState PolicyOf(NegotiationDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new PolicyState(document.Version, document.PolicyDigest);
    }
}

/// <summary>A bundle that a delegation has published.</summary>
/// <param name="Bundle">What it has signed.</param>
/// <param name="Policy">See <see cref="PrekeyCandidate"/>.</param>
/// <param name="Document">See <see cref="PrekeyCandidate"/>.</param>
public sealed record BundleCandidate(PrekeyBundle Bundle, PolicyState Policy, ReadOnlyMemory<byte> Document)
    : PrekeyCandidate(Policy, Document)
{
    /// <inheritdoc/>
    public override string Negotiation => Bundle.Negotiation;

    /// <inheritdoc/>
    public override string Delegation => Bundle.Delegation;

    /// <summary>Takes what the commit needs.</summary>
    public static BundleCandidate Of(PrekeyBundle bundle, NegotiationDocument document) =>
        new(bundle, PolicyOf(document), document.Bytes);
}

/// <summary>A claim of a delegation for keys of another.</summary>
/// <param name="Claim">What it has signed.</param>
/// <param name="Claimers">Delegations that may address the target, 1 or more: each may have its even share of a bundle.</param>
/// <param name="Policy">See <see cref="PrekeyCandidate"/>.</param>
/// <param name="Document">See <see cref="PrekeyCandidate"/>.</param>
public sealed record ClaimCandidate(PrekeyClaim Claim, int Claimers, PolicyState Policy, ReadOnlyMemory<byte> Document)
    : PrekeyCandidate(Policy, Document)
{
    /// <inheritdoc/>
    public override string Negotiation => Claim.Negotiation;

    /// <inheritdoc/>
    public override string Delegation => Claim.Target;

    /// <summary>Takes what the commit needs.</summary>
    public static ClaimCandidate Of(PrekeyClaim claim, NegotiationDocument document)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var policy = PolicyOf(document);
        var claimers = document.Delegations.Keys.Count(name => document.MayAddress(name, claim.Target));
        return new(claim, Math.Max(1, claimers), policy, document.Bytes);
    }
}
