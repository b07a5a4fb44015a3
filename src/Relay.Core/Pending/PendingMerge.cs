using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core.Pending;

/// <summary>What is kept of an envelope and what a copy adds to it. Immutable.</summary>
/// <param name="Envelope">The envelope with the signatures of both.</param>
/// <param name="Quorum">Of all of them, under the document of now.</param>
/// <param name="Adds">The copy had a signature that counts and was not there.</param>
internal sealed record PendingMerge(Envelope Envelope, QuorumResult Quorum, bool Adds)
{
    /// <summary>Takes from a copy what counts: other signatures it has are no part of it.</summary>
    /// <param name="copy">An envelope.</param>
    /// <param name="quorum">Of its signatures.</param>
    public static Envelope Counted(Envelope copy, QuorumResult quorum) => Write(copy.Sealed, copy.SignedBy(PlacesThatCount(quorum)));

    /// <summary>Adds a copy's signatures to those kept.</summary>
    /// <param name="kept">What is kept.</param>
    /// <param name="copy">A copy of the same head.</param>
    /// <param name="came">Of the copy's signatures, under the same document.</param>
    /// <param name="document">The negotiation's document of now: who has left it counts no longer.</param>
    /// <param name="verifier">Verifies what is kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async ValueTask<PendingMerge> OfAsync(
        Envelope kept,
        Envelope copy,
        QuorumResult came,
        NegotiationDocument document,
        SignatureVerifier verifier,
        CancellationToken cancellationToken)
    {
        var there = await verifier.VerifyAsync(kept, document, cancellationToken).ConfigureAwait(false);
        if (there.Reached) return new PendingMerge(kept, there, Adds: false);
        var fresh = PlacesThatCount(came).Where(place => IsNew(place, kept, there, copy, came)).ToList();
        if (fresh.Count == 0) return new PendingMerge(kept, there, Adds: false);
        // Those that do not count now may count again when their key can be read, or their mediator is back; but not for want of room.
        IEnumerable<int> stay = kept.Signatures.Length + fresh.Count <= EnvelopeLimits.MaxSignatures
            ? Enumerable.Range(0, kept.Signatures.Length)
            : PlacesThatCount(there);
        var (old, rows) = (stay.ToList(), there.Rows);
        var findings = old.Select(place => rows[place].Finding).Concat(fresh.Select(place => came.Rows[place].Finding)).ToArray();
        return new PendingMerge(
            Write(kept.Sealed, kept.SignedBy(old), copy.SignedBy(fresh)), document.Quorum.Evaluate(findings), Adds: true);
    }

    // One key counts once whatever names it has, and one mediator once: what adds nothing is not kept, so copies cannot fill anything.
    private static bool IsNew(int place, Envelope kept, QuorumResult there, Envelope copy, QuorumResult came)
    {
        var finding = came.Rows[place].Finding;
        return !there.Rows.Any(row => row.Weight > 0
                && (row.Finding.Mediator == finding.Mediator || row.Finding.Thumbprint == finding.Thumbprint))
            && !kept.Signatures.Any(signature => signature.Value.Span.SequenceEqual(copy.Signatures[place].Value.Span));
    }

    private static List<int> PlacesThatCount(QuorumResult quorum) =>
        [.. Enumerable.Range(0, quorum.Rows.Length).Where(place => quorum.Rows[place].Weight > 0)];

    private static Envelope Write(SealedEnvelope content, params ReadOnlySpan<SignedHead> signed)
    {
        var builder = new EnvelopeBuilder(content);
        foreach (var head in signed) builder.Attach(head);
        return Envelope.TryParse(
            builder.ToWire(), EnvelopeLimits.Default with { MaxWireBytes = int.MaxValue }, out var envelope, out _, out var detail)
            ? envelope
            : throw new InvalidOperationException($"An envelope that was written here cannot be read: {detail}.");
    }
}
