using System.Collections.Concurrent;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Simulation.Tests.Judging;

/// <summary>What delegations may say of envelopes, each made once a process and shared by all worlds.</summary>
internal static class Answers
{
    private static readonly ConcurrentDictionary<(string Digest, string Delegation, string? Reason), Lazy<Acknowledgement>> Made = new();

    public static Acknowledgement Get(EnvelopeHead head, string delegation, string? reason) =>
        Made.GetOrAdd(
            (head.Digest.ToString(), delegation, reason),
            key => new Lazy<Acknowledgement>(() => Make(head, key.Delegation, reason))).Value;

    private static Acknowledgement Make(EnvelopeHead head, string delegation, string? reason)
    {
        var signer = new DrawnSigner(Envelopes.IdentityOf(delegation));
        var draft = new AcknowledgementDraft { Id = head.Id, Digest = head.Digest, Reason = reason, IssuedAt = Envelopes.Epoch };
        Acknowledgement? said = null;
        async Task SignAsync() => said = await Acknowledgement.SignAsync(draft, signer, CancellationToken.None).ConfigureAwait(false);
        if (!SignAsync().IsCompletedSuccessfully) throw new InvalidOperationException("A local key signs at once.");
        return said!;
    }
}
