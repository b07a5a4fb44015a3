using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Lies;

/// <summary>Keys that are used once, handed out twice, kept back, said to be gone; and bundles and claims that nobody made.</summary>
/// <remarks>Iran publishes four. Us claims two of them, then one more: that is where most of the lies are told.</remarks>
internal static class PrekeyLies
{
    private const int Published = 4;

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.HonestPrekeys] = Tell("tells no lie, and has handed out one-time keys", new Told(3, 1, "n") { IsHonest = true }),
        [LieKind.HonestHybridPrekeys] = Tell(
            "tells no lie, and has handed out hybrid one-time keys", new Told(3, 1, "n") { IsHonest = true, IsHybrid = true }),
        [LieKind.PrekeyGivenTwice] = Tell("hands one one-time key out for two envelopes", new Told(2, 1, "n")),
        [LieKind.PrekeyPassedOver] = Tell("keeps a one-time key back when it hands out the next", new Told(4, 0, "n")),
        [LieKind.PrekeysSaidGone] = Tell("gives the session key while one-time keys are left", new Told(0, 0, "s")),
        [LieKind.ClaimLeftOut] = Tell(
            "hands out one-time keys as if none had been before", new Told(1, 3, "n") { GoesOnFromTheBundle = true }),
        [LieKind.BundleByTheRelay] = Tell(
            "logs a bundle of keys that it signed itself in a delegation's name", new Told(3, 1, "n") { ForgesTheBundle = true }),
        [LieKind.ClaimByTheRelay] = Tell(
            "uses one-time keys up with a claim that it signed itself in a delegation's name",
            new Told(3, 1, "n") { ForgesTheClaim = true }),
        [LieKind.BundleOfOtherNegotiation] = Tell(
            "logs a bundle of keys for another negotiation", new Told(3, 1, "n") { Negotiation = Company.OtherNegotiation }),
        [LieKind.BundleUnderOtherDocument] = Tell(
            "logs a bundle and claims as judged by a document that is not in force",
            new Told(3, 1, "n") { Policy = Digest.Of("another"u8) }),
        [LieKind.ClaimWithoutRoute] = Tell(
            "hands keys out to a delegation that may not address the one whose they are", new Told(3, 1, "n") { Claimer = "oman" }),
    };

    private static Lie Tell(string tells, Told told) => new(tells)
    {
        IsHonest = told.IsHonest,
        Write = (telling, entries) => WriteAsync(telling, entries, told),
    };

    private static async Task WriteAsync(Telling telling, List<byte[]> entries, Told told)
    {
        var (company, at, start) = (telling.Company, EntryText.Envelope(entries[^1])!.At, entries.Count);
        var policy = told.Policy ?? company.Document.PolicyDigest;
        using var iran = company.SignerOf("iran", told.ForgesTheBundle);
        var bundle = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = told.Negotiation,
                Number = 1,
                IssuedAt = Company.Epoch,
                ExpiresAt = Company.Epoch.AddDays(2),
                Session = Key(told.IsHybrid, PrekeyBundle.SessionKeyId("iran", 1)),
                OneTime = [.. Enumerable.Range(1, Published).Select(id => Key(told.IsHybrid, PrekeyBundle.OneTimeKeyId("iran", id)))],
            },
            iran,
            CancellationToken.None);
        entries.Add(new PrekeysEntry { At = at, Policy = policy, Previous = 0, Bundle = bundle }.ToBytes());
        await ClaimAsync("us", false, [1, 2], start, 1, 2, "nn");
        var previous = told.GoesOnFromTheBundle ? start : start + 1;
        await ClaimAsync(told.Claimer, told.ForgesTheClaim, [3], previous, told.First, told.Left, told.Marks);

        async Task ClaimAsync(string by, bool isForged, long[] sequences, long after, long first, int left, string marks)
        {
            using var signer = company.SignerOf(by, isForged);
            var ids = sequences.Select(sequence => new EnvelopeId(Company.Negotiation, by, Lane.Normal, sequence));
            var claim = await PrekeyClaim.SignAsync("iran", [.. ids], Company.Epoch, signer, CancellationToken.None);
            entries.Add(new ClaimEntry
            {
                At = at,
                Policy = policy,
                Number = bundle.Number,
                Bundle = bundle.Digest,
                Previous = after,
                First = first,
                Left = left,
                Marks = marks,
                Claim = claim,
            }.ToBytes());
        }
    }

    private static PublicJwk Key(bool isHybrid, string keyId)
    {
        using var key = isHybrid ? HybridKeyPair.Generate(keyId) : PrivateJwk.Generate(JwkKind.P256, keyId);
        return key.Public;
    }

    /// <summary>What is said of the second claim, after which one key is left.</summary>
    private sealed record Told(long First, int Left, string Marks)
    {
        public bool IsHonest { get; init; }

        public bool IsHybrid { get; init; }

        public bool GoesOnFromTheBundle { get; init; }

        public bool ForgesTheBundle { get; init; }

        public bool ForgesTheClaim { get; init; }

        public string Claimer { get; init; } = "us";

        public string Negotiation { get; init; } = Company.Negotiation;

        public Digest? Policy { get; init; }
    }
}
