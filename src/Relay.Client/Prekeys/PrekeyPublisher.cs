using System.Net;
using System.Net.Http.Headers;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Prekeys;

/// <summary>
/// Looks after a delegation's prekeys: publishes, refills, rotates, removes what is over. One call at a time; call it every few minutes and
/// after what was received.
/// </summary>
public sealed class PrekeyPublisher
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private readonly RelayExchange _exchange;
    private readonly PrekeyQuestion _question;
    private readonly LedgerTrust _trust;
    private readonly NegotiationDocument _document;
    private readonly PrekeyStore _store;
    private readonly IJwsSigner _identity;
    private readonly PrekeyPolicy _policy;
    private readonly TimeProvider _time;
    private readonly LedgerView? _view;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="trust">Verifies what the relay signs.</param>
    /// <param name="document">The negotiation.</param>
    /// <param name="store">The private keys.</param>
    /// <param name="identity">The delegation's identity key.</param>
    /// <param name="policy">When to publish.</param>
    /// <param name="time">The clock.</param>
    /// <param name="view">The checkpoints seen, to which those of receipts come; null when there are none.</param>
    public PrekeyPublisher(
        HttpClient client,
        LedgerTrust trust,
        NegotiationDocument document,
        PrekeyStore store,
        IJwsSigner identity,
        PrekeyPolicy policy,
        TimeProvider time,
        LedgerView? view = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(time);
        policy.Check();
        _exchange = new RelayExchange(client, Deadline, time);
        _question = new PrekeyQuestion(client, store.Negotiation, store.Delegation, time);
        _trust = trust;
        _document = document;
        _store = store;
        _identity = identity;
        _policy = policy;
        _time = time;
        _view = view;
    }

    private string Path => $"api/negotiations/{_store.Negotiation}/delegations/{_store.Delegation}/prekeys";

    /// <summary>Does what is due.</summary>
    /// <exception cref="PrekeyStoreException">The store is damaged, or the relay has newer bundles than it.</exception>
    public async Task<PrekeyStatus> MaintainAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        _store.DeleteOver(now);
        if (_store.FindPending() is { } pending)
        {
            // The very same again, whatever became of it.
            if (pending.ExpiresAt > now) return await UploadAsync(pending, cancellationToken).ConfigureAwait(false);
            _store.MarkPublished(pending.Number);
        }
        int? left = null;
        var problem = "";
        if (_store.Newest is { } newest
            && newest.IssuedAt + _policy.RotateAfter > now
            && _store.FindOwn(newest.Number) is { } own
            && own.Session.Kind == _policy.Kind)
        {
            (left, problem) = await CheckAsync(own, cancellationToken).ConfigureAwait(false);
            if (left is null || left >= Math.Min(_policy.RefillBelow, _policy.Count))
            {
                return new PrekeyStatus(newest.Number, left, newest.ExpiresAt, IsNew: false, problem);
            }
        }
        var draft = _store.Prepare(_policy.Kind, _policy.Count, now, _policy.Lifetime);
        var bundle = await PrekeyBundle.SignAsync(draft, _identity, cancellationToken).ConfigureAwait(false);
        _store.SavePending(bundle);
        return await UploadAsync(bundle, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PrekeyStatus> UploadAsync(PrekeyBundle bundle, CancellationToken cancellationToken)
    {
        PrekeyStatus NotNow(string problem) => new(_store.Newest?.Number ?? 0, null, _store.Newest?.ExpiresAt, IsNew: false, problem);
        using var content = new ReadOnlyMemoryContent(bundle.Bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(Acknowledgement.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Path, UriKind.Relative)) { Content = content };
        try
        {
            var answer = await _exchange.SendAsync(request, TlogProof.MaxBytes, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.Conflict)
            {
                throw new PrekeyStoreException(
                    $"expected the relay to take bundle {bundle.Number}, it has a newer one, or has given these ids away: is the store an "
                        + "old copy? Restore the newest, or begin a new one under a new identity key");
            }
            if (answer.Status is not (HttpStatusCode.Created or HttpStatusCode.OK))
            {
                return NotNow($"expected bundle {bundle.Number} to be taken, the relay answered {(int)answer.Status}");
            }
            if (await FindFaultAsync(bundle, answer.Body, cancellationToken).ConfigureAwait(false) is { } fault) return NotNow(fault);
        }
        catch (HttpRequestException e)
        {
            return NotNow($"expected an answer from the relay, none came: {e.Message}");
        }
        _store.MarkPublished(bundle.Number);
        return new PrekeyStatus(bundle.Number, bundle.OneTime.Length, bundle.ExpiresAt, IsNew: true, "");
    }

    // A receipt, or the relay may have said yes and kept the old one in force.
    private async ValueTask<string?> FindFaultAsync(PrekeyBundle bundle, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        if (!PrekeysReceipt.TryParse(body ?? default, out var receipt, out var fault, out var detail)) return $"{fault.Code()}: {detail}";
        if (receipt.Entry.Bundle.Digest != bundle.Digest) return $"expected the receipt of bundle {bundle.Number}, got another's";
        var check = await _trust.CheckAsync(receipt, cancellationToken).ConfigureAwait(false);
        if (!check.Holds) return $"expected a receipt of bundle {bundle.Number} that holds: {check.Detail}";
        return _view is null || _view.TryTake(SignedCheckpoint.Of(receipt), out var problem) ? null : problem;
    }

    private async Task<(int? Left, string Problem)> CheckAsync(PrekeyBundle newest, CancellationToken cancellationToken)
    {
        var (standing, problem) = await _question.AskAsync(newest.Digest, cancellationToken).ConfigureAwait(false);
        if (problem.Length > 0) return (null, problem);
        // One that has it no longer, or has another, is given another.
        return standing is null
            ? (0, "")
            : standing.Same
            ? (standing.Left, "")
            : (0, $"expected the relay to hold bundle {newest.Number}, it holds another");
    }
}
