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
    private static readonly PrivateJwk[] Points = [.. Enumerable.Range(0, 101).Select(_ => PrivateJwk.Generate(JwkKind.P256, "point"))];

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

    /// <summary>By another's key, by one that the document has not, and of another negotiation.</summary>
    public async Task<EvidenceFile[]> ForgedAsync() =>
    [
        await OneAsync(LieKind.ForgedPrekeys, await SaidAsync(keyOf: "iran")),
        await OneAsync(LieKind.ForgedPrekeys, await SaidAsync(number: 9), withDocument: true),
        await OneAsync(LieKind.ForgedPrekeys, (await BundleAsync(0, 3, 7, 1, keyOf: "us")).ToBytes()),
        .. await ForeignAsync(LieKind.ForgedPrekeys),
    ];

    /// <summary>A bundle of as many one-time keys, by another's key.</summary>
    public async Task<EvidenceFile> ForgedAsync(int count) =>
        await OneAsync(LieKind.ForgedPrekeys, (await BundleAsync(0, 3, 7, count, keyOf: "us")).ToBytes());

    /// <summary>A bundle and a claim of another negotiation.</summary>
    public async Task<EvidenceFile[]> ForeignAsync(LieKind kind = LieKind.ForeignEntry) =>
    [
        await OneAsync(kind, (await BundleAsync(0, 3, 7, 1, negotiation: "oslo-2026")).ToBytes()),
        await OneAsync(kind, await SaidAsync(negotiation: "oslo-2026")),
    ];

    /// <summary>A claim of keys of whom the claimer may not address.</summary>
    public async Task<EvidenceFile> ForbiddenAsync() => await OneAsync(LieKind.ForbiddenEntry, await SaidAsync(target: "oman"));

    /// <summary>The entry of a claim of us for keys of iran.</summary>
    public async Task<byte[]> ClaimAsync(long previous, long first, int left, string marks, params long[] sequences) =>
        (await ClaimAsync(previous, 3, Digest.Of([3]), first, left, marks, sequences)).ToBytes();

    public async Task<ClaimEntry> ClaimAsync(
        long previous, long number, Digest bundle, long first, int left, string marks, params long[] sequences)
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities["us"], "us#1");
        var claim = await SignAsync("iran", signer, [.. sequences.Select(one => Samples.FirstId with { Sequence = one })]);
        return Claimed(previous, number, bundle, first, left, marks, claim);
    }

    /// <summary>The entry of a bundle of iran.</summary>
    public async Task<PrekeysEntry> BundleAsync(
        long previous, long number, long first, int count, string keyOf = "iran", string negotiation = "doha-2026")
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities[keyOf], "iran#1");
        var bundle = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = negotiation,
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

    // A claim in the name of us, signed by whom that says.
    private async Task<byte[]> SaidAsync(string keyOf = "us", int number = 1, string target = "iran", string negotiation = "doha-2026")
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities[keyOf], $"us#{number}");
        var claim = await SignAsync(target, signer, [Samples.FirstId with { Negotiation = negotiation }]);
        return Claimed(3, 3, Digest.Of([3]), 7, 5, "n", claim).ToBytes();
    }

    private ClaimEntry Claimed(long previous, long number, Digest bundle, long first, int left, string marks, PrekeyClaim claim) => new()
    {
        Policy = samples.Document.PolicyDigest,
        Number = number,
        Bundle = bundle,
        Previous = previous,
        First = first,
        Left = left,
        Marks = marks,
        Claim = claim,
        At = LedgerSamples.Start.AddMinutes(8),
    };

    private static async Task<PrekeyClaim> SignAsync(string target, LocalSigner signer, IReadOnlyList<EnvelopeId> ids) =>
        await PrekeyClaim.SignAsync(target, ids, LedgerSamples.Start, signer, TestContext.Current.CancellationToken);

    private async Task<EvidenceFile> OneAsync(LieKind kind, byte[] entry, bool withDocument = false) => EvidenceFile.Create(
        kind, [await samples.TreeAsync(size, (4, entry))], null, withDocument ? samples.Document.Bytes : default);

    private async Task<EvidenceFile> TwoAsync(LieKind kind, byte[] one, byte[] two) =>
        EvidenceFile.Create(kind, [await samples.TreeAsync(size, (3, one), (size - 4, two))]);
}
