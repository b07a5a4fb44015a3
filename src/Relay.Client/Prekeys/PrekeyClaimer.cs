using System.Net;
using System.Net.Http.Headers;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Prekeys;

/// <summary>
/// Claims other delegations' one-time keys for envelopes, and believes no more of the answer than what its receipts prove; where there is
/// none, it gives the session key, and says why. Safe for concurrent use.
/// </summary>
public sealed class PrekeyClaimer
{
    /// <summary>Longest wait for an answer: 10 s. Then the session key serves.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly RelayExchange _exchange;
    private readonly LedgerTrust _trust;
    private readonly NegotiationDocument _document;
    private readonly PeerBundles _peers;
    private readonly IJwsSigner _identity;
    private readonly TimeProvider _time;
    private readonly LedgerView? _view;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="trust">Verifies what the relay signs.</param>
    /// <param name="document">The negotiation; whose keys a bundle must be signed with.</param>
    /// <param name="peers">
    /// The newest bundle seen of each delegation: an older one is refused. <see cref="PrekeyStore.Peers"/>, or those of a folder.
    /// </param>
    /// <param name="identity">The claiming delegation's identity key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="view">The checkpoints seen, to which those of receipts come; null when there are none.</param>
    public PrekeyClaimer(
        HttpClient client,
        LedgerTrust trust,
        NegotiationDocument document,
        PeerBundles peers,
        IJwsSigner identity,
        TimeProvider time,
        LedgerView? view = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(time);
        _exchange = new RelayExchange(client, Deadline, time);
        _trust = trust;
        _document = document;
        _peers = peers;
        _identity = identity;
        _time = time;
        _view = view;
    }

    /// <summary>Finds a key for each envelope, the same one whenever it is asked again.</summary>
    /// <param name="target">The addressee.</param>
    /// <param name="envelopes">1 to 100 of the claimer's own ids.</param>
    /// <param name="cancellationToken">Ends the call; keys may then be claimed or not.</param>
    /// <returns>In the order of the envelopes.</returns>
    /// <exception cref="ArgumentException">
    /// A rule of claims is broken; or the addressee has neither a bundle that was ever seen and lasts nor a key in the document.
    /// </exception>
    public async Task<IReadOnlyList<PrekeyChoice>> ClaimAsync(
        string target, IReadOnlyList<EnvelopeId> envelopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var claim = await PrekeyClaim.SignAsync(
            target, envelopes, _time.GetUtcNow(), _identity, cancellationToken).ConfigureAwait(false);
        var (answer, problem) = await AskAsync(claim, cancellationToken).ConfigureAwait(false);
        if (answer is not null) problem = await FindFaultAsync(claim, answer, cancellationToken).ConfigureAwait(false) ?? "";
        return
        [
            .. envelopes.Select(id => answer is not null && problem.Length == 0 && answer.KeyOf(id) is { IsOneTime: true } key
                ? new PrekeyChoice(target, key.Key, key.Bundle, "")
                : Reusable(target, problem.Length > 0 ? problem : "no one-time key is left")),
        ];
    }

    private async Task<(ClaimAnswer? Answer, string Problem)> AskAsync(PrekeyClaim claim, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(claim.Bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(Acknowledgement.MediaType);
        var path = $"api/negotiations/{claim.Negotiation}/delegations/{claim.Target}/prekeys/claim";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        try
        {
            var answer = await _exchange.SendAsync(request, ClaimAnswer.MaxBytes, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound) return (null, "the relay has no bundle that lasts");
            if (answer.Status != HttpStatusCode.OK) return (null, $"the relay answered {(int)answer.Status} to the claim");
            return ClaimAnswer.TryParse((answer.Body ?? default).Span, out var read, out var error) ? (read, "") : (null, error);
        }
        catch (HttpRequestException)
        {
            return (null, "the relay did not answer the claim");
        }
    }

    // Null when all of it holds; then the newest bundle in it is kept.
    private async ValueTask<string?> FindFaultAsync(PrekeyClaim claim, ClaimAnswer answer, CancellationToken cancellationToken)
    {
        var pinned = _peers.Find(claim.Target);
        PeerBundle? newest = null;
        foreach (var receipt in answer.Receipts)
        {
            var (entry, index) = (receipt.Entry, receipt.Proof.Index);
            if (entry.Claim.Target != claim.Target || entry.Claim.Claimer != claim.Claimer || entry.Claim.Negotiation != claim.Negotiation)
            {
                return "expected receipts of claims of one's own for this delegation, got another's";
            }
            var check = await _trust.CheckAsync(receipt, cancellationToken).ConfigureAwait(false);
            if (!check.Holds) return $"expected a receipt that holds: {check.Detail}";
            if (_view is not null && !_view.TryTake(SignedCheckpoint.Of(receipt), out var problem)) return problem;
            var bundle = answer.Bundles.FirstOrDefault(one => one.Digest == entry.Bundle);
            if (bundle is null || bundle.Delegation != claim.Target || bundle.Number != entry.Number)
            {
                return "expected the bundle that the receipt names, got none";
            }
            if (bundle.Verify(_document, out var detail) != PrekeyFault.None) return detail;
            if (bundle.ExpiresAt <= _time.GetUtcNow())
            {
                return $"expected a bundle that lasts, {bundle.Number} ended at {bundle.ExpiresAt:u}";
            }
            // What was claimed before the newest bundle was seen names the one before; nothing later does.
            if (pinned is not null && index >= pinned.Index && bundle.Number < pinned.Bundle.Number)
            {
                return $"expected a bundle of number {pinned.Bundle.Number} or more, as was seen before, got {bundle.Number}";
            }
            if (pinned is not null && bundle.Number == pinned.Bundle.Number && bundle.Digest != pinned.Bundle.Digest)
            {
                return $"expected bundle {bundle.Number} as it was seen before, got another of that number";
            }
            if (newest is null || bundle.Number > newest.Bundle.Number) newest = new PeerBundle(bundle, index);
        }
        if (newest is not null && newest.Bundle.Number > (pinned?.Bundle.Number ?? 0))
        {
            await _peers.SaveAsync(newest, _time, cancellationToken).ConfigureAwait(false);
        }
        return claim.Envelopes.All(id => answer.KeyOf(id) is not null) ? null : "expected a key for each envelope, got fewer";
    }

    private PrekeyChoice Reusable(string target, string why)
    {
        if (_peers.Find(target)?.Bundle is { } bundle
            && bundle.ExpiresAt > _time.GetUtcNow()
            && bundle.Verify(_document, out _) == PrekeyFault.None)
        {
            return new PrekeyChoice(target, bundle.Session, bundle, why);
        }
        var keys = _document.Delegations.TryGetValue(target, out var delegation) ? delegation.EncryptionKeys : [];
        return keys.IsDefaultOrEmpty
            ? throw new ArgumentException($"Expected a bundle of {target} that lasts, or a key of it in the document, got neither: {why}.")
            : new PrekeyChoice(target, keys[0], null, why);
    }
}
