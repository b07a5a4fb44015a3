using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests;

/// <summary>Bundles and claims of the delegations of <see cref="TestIdentities"/>.</summary>
internal static class TestPrekeys
{
    // Points are slow to make and mean nothing here: those of one bundle serve under other names in the next.
    private static readonly ImmutableArray<PublicJwk> Points =
        [.. Enumerable.Range(0, PrekeyBundle.MaxOneTime + 1).Select(_ => MakePoint())];

    /// <summary>A bundle with keys from an id on.</summary>
    public static PrekeyBundle Bundle(
        string delegation, long number, long first, int count, DateTimeOffset at, TimeSpan? life = null, string? negotiation = null)
    {
        var draft = new PrekeyBundleDraft
        {
            Negotiation = negotiation ?? TestNegotiation.Name,
            Number = number,
            IssuedAt = at,
            ExpiresAt = at + (life ?? TimeSpan.FromDays(2)),
            Session = Named(Points[0], PrekeyBundle.SessionKeyId(delegation, number)),
            OneTime = [.. Enumerable.Range(0, count).Select(i => Named(Points[i + 1], PrekeyBundle.OneTimeKeyId(delegation, first + i)))],
        };
        PrekeyBundle? bundle = null;
        async Task SignAsync() =>
            bundle = await PrekeyBundle.SignAsync(draft, TestIdentities.SignerOf(delegation), CancellationToken.None);
        Assert.True(SignAsync().IsCompletedSuccessfully, "A local key signs at once.");
        return bundle!;
    }

    /// <summary>A claim of a delegation for envelopes of one lane by their sequences.</summary>
    public static PrekeyClaim Claim(string claimer, string target, DateTimeOffset at, params IEnumerable<long> sequences)
    {
        var ids = sequences.Select(sequence => new EnvelopeId(TestNegotiation.Name, claimer, Lane.Normal, sequence)).ToList();
        PrekeyClaim? claim = null;
        async Task SignAsync() =>
            claim = await PrekeyClaim.SignAsync(target, ids, at, TestIdentities.SignerOf(claimer), CancellationToken.None);
        Assert.True(SignAsync().IsCompletedSuccessfully, "A local key signs at once.");
        return claim!;
    }

    private static PublicJwk Named(PublicJwk point, string keyId)
    {
        Assert.True(PublicJwk.TryCreate(point.ToECParameters(), keyId, out var named, out var error), error);
        return named;
    }

    private static PublicJwk MakePoint()
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "point");
        return key.Public;
    }
}
