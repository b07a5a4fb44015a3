using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Acknowledgements;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Functions;

/// <summary>
/// Takes what delegations say became of envelopes: <c>POST /api/acknowledgements</c>, body the compact JWS
/// (<c>application/jose</c>). Needs no identity, because the acknowledgement proves itself.
/// </summary>
/// <remarks>
/// 201 with the receipt of its entry once that is durable, and again whenever the same is said again; 409 where the ledger has another
/// state of the same delegation.
/// </remarks>
public sealed class AcknowledgeEnvelope(AcknowledgementPipeline pipeline, RelayTelemetry telemetry, ProvingBodies bodies)
{
    [Function(nameof(AcknowledgeEnvelope))]
    [Operation("POST", CallerKind.Anyone, "Logs what a delegation signed of an envelope: opened or refused.")]
    [Takes("application/jose", "The acknowledgement: a compact JWS.")]
    [Answer(201, ReadEnvelope.ReceiptType, "In the ledger, with the receipt of its entry; the same one again whenever it comes again.")]
    [Problems(400, 403, 404, 408, 409, 413, 415, 422, 429, 503)]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "acknowledgements")] HttpRequest request,
        CancellationToken cancellationToken) =>
        bodies.TakeAsync(
            request,
            "acknowledge envelope",
            Acknowledgement.MaxBytes,
            async body =>
            {
                var outcome = await pipeline.AcknowledgeAsync(body.Wire, cancellationToken);
                if (IsProved(outcome.Verdict)) body.Proved();
                if (outcome.Verdict == AcknowledgementVerdict.NotProved) await body.UnprovedAsync(cancellationToken);
                return Answer(outcome);
            },
            came => Answer(AcknowledgementPipeline.Oversize(came)),
            limited: null,
            cancellationToken);

    private static bool IsProved(AcknowledgementVerdict verdict) => verdict is not (
        AcknowledgementVerdict.Oversize or AcknowledgementVerdict.Malformed or AcknowledgementVerdict.NotProved
            or AcknowledgementVerdict.DirectoryUnavailable);

    private IActionResult Answer(AcknowledgementOutcome outcome)
    {
        telemetry.Acknowledged(outcome.Verdict);
        var row = AcknowledgementTable.For(outcome.Verdict);
        return outcome.IsEntry
            ? new BytesAnswer(row.HttpStatus, outcome.Receipt, ReadEnvelope.ReceiptType, BytesAnswer.Changing)
            : Problems.Create(row.HttpStatus, row.Reason, outcome.Verdict.ToString(), outcome.Detail, outcome.Id?.ToString());
    }
}
