using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Bundles and claims of prekeys in a ledger, true ones and those that only a relay that lies logs.</summary>
internal sealed class PrekeyLies(EvidenceSamples samples, int size)
{
    private static readonly PrivateJwk[] Points = [.. Enumerable.Range(0, 4).Select(_ => PrivateJwk.Generate(JwkKind.P256, "point"))];

    /// <summary>The same key again, and one of a run that was given before.</summary>
    public async Task<EvidenceFile[]> TwiceAsync() =>
    [
        await TwoAsync(LieKind.PrekeyTwice, await ClaimAsync(2, 7, 5, "n", 1), await ClaimAsync(3, 7, 4, "n", 2)),
        await TwoAsync(LieKind.PrekeyTwice, await ClaimAsync(2, 7, 5, "nnn", 1, 2, 3), await ClaimAsync(3, 9, 4, "rn", 1, 4)),
    ];

    /// <summary>A key passed over, the session key while others are left, and a claim that the next does not know of.</summary>
    public async Task<EvidenceFile[]> BrokenAsync() =>
    [
        await TwoAsync(LieKind.BrokenPrekeys, await ClaimAsync(2, 7, 5, "n", 1), await ClaimAsync(3, 9, 4, "n", 2)),
        await TwoAsync(LieKind.BrokenPrekeys, await ClaimAsync(2, 7, 5, "n", 1), await ClaimAsync(3, 0, 0, "s", 2)),
        await TwoAsync(LieKind.BrokenPrekeys, await ClaimAsync(2, 7, 5, "n", 1), await ClaimAsync(2, 8, 4, "n", 2)),
    ];

    /// <summary>The entry of a claim of us for keys of iran.</summary>
    public async Task<byte[]> ClaimAsync(long previous, long first, int left, string marks, params long[] sequences) =>
        (await ClaimAsync(previous, 3, Digest.Of([3]), first, left, marks, sequences)).ToBytes();

    public async Task<ClaimEntry> ClaimAsync(
        long previous, long number, Digest bundle, long first, int left, string marks, params long[] sequences)
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities["us"], "us#1");
        var ids = sequences.Select(one => Samples.FirstId with { Sequence = one }).ToList();
        return new ClaimEntry
        {
            Policy = samples.Document.PolicyDigest,
            Number = number,
            Bundle = bundle,
            Previous = previous,
            First = first,
            Left = left,
            Marks = marks,
            Claim = await PrekeyClaim.SignAsync("iran", ids, LedgerSamples.Start, signer, TestContext.Current.CancellationToken),
            At = LedgerSamples.Start.AddMinutes(8),
        };
    }

    /// <summary>The entry of a bundle of iran.</summary>
    public async Task<PrekeysEntry> BundleAsync(long previous, long number, long first, int count)
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities["iran"], "iran#1");
        var bundle = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = "doha-2026",
                Number = number,
                IssuedAt = LedgerSamples.Start,
                ExpiresAt = LedgerSamples.Start.AddDays(2),
                Session = Named(0, PrekeyBundle.SessionKeyId("iran", number)),
                OneTime = [.. Enumerable.Range(1, count).Select(i => Named(i, PrekeyBundle.OneTimeKeyId("iran", first + i - 1)))],
            },
            signer,
            TestContext.Current.CancellationToken);
        return new PrekeysEntry
        {
            Policy = samples.Document.PolicyDigest,
            Previous = previous,
            Bundle = bundle,
            At = LedgerSamples.Start.AddMinutes(8),
        };
    }

    private static PublicJwk Named(int point, string keyId)
    {
        Assert.True(PublicJwk.TryCreate(Points[point].Public.ToECParameters(), keyId, out var named, out var error), error);
        return named;
    }

    private async Task<EvidenceFile> TwoAsync(LieKind kind, byte[] one, byte[] two) =>
        EvidenceFile.Create(kind, [await samples.TreeAsync(size, (3, one), (5, two))]);
}
