using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.IntegrationTests.Http;

/// <summary>What delegations sign and anybody may bring over HTTP, as compact JWS.</summary>
internal static class SignedBodies
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>That an envelope was opened.</summary>
    public static async Task<byte[]> SayAsync(Envelope envelope, EnvelopeId id, LocalSigner signer)
    {
        var draft = new AcknowledgementDraft
        {
            Id = id,
            Digest = envelope.Head.Digest,
            Reason = null,
            IssuedAt = TimeProvider.System.GetUtcNow(),
        };
        return (await Acknowledgement.SignAsync(draft, signer, Token)).Bytes.ToArray();
    }

    /// <summary>A claim of a key of <c>iran</c>.</summary>
    public static async Task<byte[]> ClaimAsync(EnvelopeId id, LocalSigner signer) =>
        (await PrekeyClaim.SignAsync("iran", [id], TimeProvider.System.GetUtcNow(), signer, Token)).Bytes.ToArray();

    /// <summary>A bundle of <c>iran</c>'s with a session key alone.</summary>
    public static async Task<byte[]> BundleAsync(string negotiation, LocalSigner signer)
    {
        using var session = PrivateJwk.Generate(JwkKind.P256, PrekeyBundle.SessionKeyId("iran", 1));
        var now = TimeProvider.System.GetUtcNow();
        var draft = new PrekeyBundleDraft
        {
            Negotiation = negotiation,
            Number = 1,
            IssuedAt = now,
            ExpiresAt = now.AddDays(2),
            Session = session.Public,
            OneTime = [],
        };
        return (await PrekeyBundle.SignAsync(draft, signer, Token)).Bytes.ToArray();
    }
}
