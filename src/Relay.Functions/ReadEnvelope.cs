using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Reading;
using Relay.Core.Pending;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Functions;

/// <summary>How far an envelope has come: <c>GET /api/envelopes/{id}</c> and <c>/receipt</c>.</summary>
public sealed class ReadEnvelope(LedgerEndpoint endpoint, LedgerReader ledger, PendingReader pending)
{
    internal const string ReceiptType = "text/plain; charset=utf-8";

    private const string Route = "envelopes/{negotiation}/{sender}/{lane}/{sequence}";

    [Function("ReadEnvelopeStatus")]
    [Operation("GET", CallerKind.Member, "How far an envelope has come.")]
    [Answer(200, "application/json", "It is logged, held, or waits for signatures.", Body = typeof(EnvelopeStatus))]
    [Problems(404, 503)]
    public async Task<IActionResult> StatusAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route)] HttpRequest request,
        string negotiation,
        string sender,
        string lane,
        string sequence,
        CancellationToken cancellationToken)
    {
        if (!EnvelopeId.TryParse($"{negotiation}/{sender}/{lane}/{sequence}", out var id)) return NoId();
        var read = await ledger.FindAsync(id, cancellationToken);
        if (read.IsFound) return new JsonAnswer(StatusCodes.Status200OK, Status(id, read.Value));
        if (read.Status == LedgerReadStatus.Absent && await pending.FindAsync(id, cancellationToken) is { } waits)
        {
            return waits.IsFound
                ? new JsonAnswer(StatusCodes.Status200OK, Status(id, waits.Value))
                : endpoint.Failed(waits.Failure, "envelope", negotiation, id.ToString());
        }

        return endpoint.Failed(read.Failure, "envelope", negotiation, id.ToString());
    }

    [Function("ReadEnvelopeReceipt")]
    [Operation("GET", CallerKind.Member, "The receipt of an envelope at the newest checkpoint.")]
    [Answer(200, ReceiptType, "C2SP tlog-proof.")]
    [Problems(404, 503)]
    public async Task<IActionResult> ReceiptAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/receipt")] HttpRequest request,
        string negotiation,
        string sender,
        string lane,
        string sequence,
        CancellationToken cancellationToken)
    {
        if (!EnvelopeId.TryParse($"{negotiation}/{sender}/{lane}/{sequence}", out var id)) return NoId();
        var read = await ledger.ReceiptAsync(id, cancellationToken);
        return read.IsFound
            ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Content, ReceiptType, BytesAnswer.Changing)
            : endpoint.Failed(read.Failure, "receipt", negotiation, id.ToString());
    }

    private static JsonAnswer NoId() => Problems.Create(
        404,
        "envelope-not-found",
        "NotFound",
        "expected an envelope id, {negotiation}/{sender}/{lane}/{sequence} with lane 'normal' or 'urgent' and sequence from 1, "
            + "got another text",
        null);

    private static EnvelopeStatus Status(EnvelopeId id, EnvelopeStanding envelope) => envelope.Progress switch
    {
        EnvelopeProgress.Logged => new(id.ToString(), "logged", envelope.Index, envelope.Entry!.Digest.ToString())
        {
            At = envelope.Entry.At,
            Acknowledgements =
            [
                .. envelope.Acknowledgements.Select(
                    said => new Said(said.Index, said.Entry.At, Encoding.ASCII.GetString(said.Entry.Acknowledgement.Bytes.Span))),
            ],
        },
        EnvelopeProgress.Publishing => new(id.ToString(), "logged", null, null),
        EnvelopeProgress.Held => new(id.ToString(), "held", null, null),
    };

    private static EnvelopeStatus Status(EnvelopeId id, PendingStanding waits) => new(
        id.ToString(), "pending", null, waits.Digest.ToString())
    {
        Quorum = new Signatures(waits.Weight, waits.Required, waits.Signed, waits.Missing, waits.Until),
    };

    /// <summary>Body of the answer.</summary>
    /// <param name="Id">Envelope id.</param>
    /// <param name="Status"><c>logged</c>, <c>held</c>, or <c>pending</c> while it waits for more signatures.</param>
    /// <param name="Index">Ledger index; absent until it is published.</param>
    /// <param name="Digest">Digest of the envelope that the ledger has, or that waits, under the id, base64url; absent until it is
    /// published.</param>
    public sealed record EnvelopeStatus(string Id, string Status, long? Index, string? Digest)
    {
        /// <summary>When it was logged, by the relay's clock; absent until it is published.</summary>
        public DateTimeOffset? At { get; init; }

        /// <summary>What its addressees have said of it; absent until it is published.</summary>
        public IReadOnlyList<Said>? Acknowledgements { get; init; }

        /// <summary>While it waits for more signatures: how far it is; else absent.</summary>
        public Signatures? Quorum { get; init; }
    }

    /// <summary>How far an envelope is that waits for more signatures.</summary>
    /// <param name="Weight">Of the signatures that count so far.</param>
    /// <param name="Required">What it needs.</param>
    /// <param name="Signed">Mediators that have signed, by name.</param>
    /// <param name="Missing">Mediators that have not, by name.</param>
    /// <param name="Until">From when it is waited for no longer.</param>
    public sealed record Signatures(
        int Weight, int Required, IReadOnlyList<string> Signed, IReadOnlyList<string> Missing, DateTimeOffset Until);

    /// <summary>An acknowledgement in the ledger.</summary>
    /// <param name="Index">Its ledger index.</param>
    /// <param name="At">When it was logged, by the relay's clock.</param>
    /// <param name="Jws">What the delegation signed, compact JWS.</param>
    public sealed record Said(long Index, DateTimeOffset At, string Jws);
}
