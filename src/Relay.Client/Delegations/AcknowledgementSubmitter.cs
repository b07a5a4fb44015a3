using System.Net;
using System.Net.Http.Headers;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Client.Delegations;

/// <summary>
/// Sends acknowledgements over HTTP (<c>POST api/acknowledgements</c>) and believes the relay's answer no further than its receipt
/// holds. Safe for concurrent use.
/// </summary>
public sealed class AcknowledgementSubmitter
{
    // As long as a relay may take to wake up from nothing and commit.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);

    private readonly RelayExchange _exchange;
    private readonly LedgerTrust _trust;
    private readonly NegotiationDocument _document;
    private readonly LedgerView? _view;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="trust">Verifies what the relay signs.</param>
    /// <param name="document">Names the delegation's identity keys.</param>
    /// <param name="time">The clock.</param>
    /// <param name="view">
    /// The checkpoints that the delegation has seen, to which those of its receipts come, so that an audit finds a receipt out of a tree
    /// that nobody else is shown; null when there are none.
    /// </param>
    public AcknowledgementSubmitter(
        HttpClient client, LedgerTrust trust, NegotiationDocument document, TimeProvider time, LedgerView? view = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(time);
        if (client.BaseAddress is null) throw new ArgumentException("Expected a client with the relay's base address.", nameof(client));
        _exchange = new RelayExchange(client, Deadline, time);
        _trust = trust;
        _document = document;
        _view = view;
    }

    /// <summary>Sends one; sending it again is safe. Whatever goes wrong is a reply.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> is cancelled; the relay may have it.</exception>
    public async Task<AcknowledgementReply> SendAsync(Acknowledgement said, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(said);
        using var content = new ReadOnlyMemoryContent(said.Bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(Acknowledgement.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/acknowledgements", UriKind.Relative))
        {
            Content = content,
        };
        try
        {
            var answer = await _exchange.SendAsync(request, TlogProof.MaxBytes, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(said, answer, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            return new AcknowledgementReply(AcknowledgementReplyKind.NotNow, $"expected an answer from the relay, none came: {e.Message}");
        }
    }

    private async ValueTask<AcknowledgementReply> ReadAsync(Acknowledgement said, RelayAnswer answer, CancellationToken cancellationToken)
    {
        var detail = $"expected {said.Id} to be acknowledged, the relay answered {(int)answer.Status}";
        return answer.Status switch
        {
            HttpStatusCode.Created => await CheckAsync(said, answer.Body, cancellationToken).ConfigureAwait(false),
            HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge =>
                new AcknowledgementReply(AcknowledgementReplyKind.Refused, detail),
            // The directory may not name this key yet, or the ledger that answers not have the envelope.
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity =>
                new AcknowledgementReply(AcknowledgementReplyKind.NotYet, detail),
            _ => new AcknowledgementReply(AcknowledgementReplyKind.NotNow, detail) { RetryAfter = answer.Headers.RetryAfter?.Delta },
        };
    }

    private async ValueTask<AcknowledgementReply> CheckAsync(
        Acknowledgement said, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        if (!AcknowledgementReceipt.TryParse(body ?? default, out var receipt, out var fault, out var detail))
        {
            return new AcknowledgementReply(AcknowledgementReplyKind.NotYet, $"{fault.Code()}: {detail}");
        }
        var logged = receipt.Entry.Acknowledgement;
        if (!logged.SaysTheSame(said) || logged.Verify(_document, out detail) != AcknowledgementFault.None)
        {
            return new AcknowledgementReply(
                AcknowledgementReplyKind.NotYet, $"expected the receipt of what was said of {said.Id}, got another's {detail}");
        }
        var check = await _trust.CheckAsync(receipt, cancellationToken).ConfigureAwait(false);
        if (check.KeyUnavailable) return new AcknowledgementReply(AcknowledgementReplyKind.NotNow, check.Detail);
        if (!check.Holds) return new AcknowledgementReply(AcknowledgementReplyKind.NotYet, $"{check.Fault.Code()}: {check.Detail}");
        // What the relay has signed here is held against all else that it signs; what cannot be kept for that is not believed yet.
        if (_view is not null && !_view.TryTake(SignedCheckpoint.Of(receipt), out var problem))
        {
            return new AcknowledgementReply(AcknowledgementReplyKind.NotYet, problem);
        }
        return new AcknowledgementReply(AcknowledgementReplyKind.Logged, "") { Receipt = receipt };
    }
}
