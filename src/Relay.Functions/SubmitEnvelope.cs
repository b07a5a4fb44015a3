using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Relay.Core;
using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Ledger.Reading;
using Relay.Core.Reading;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;

namespace Relay.Functions;

/// <summary>
/// Takes envelopes over HTTP: <c>POST /api/envelopes</c>, body the JWS. Needs no identity, because the envelope proves itself.
/// </summary>
/// <remarks>
/// What can be refused is refused here, with the same rulings as on the queue; what is answered 202 is on the queue durably, and is judged
/// again when it is taken off, because keys and members may have changed by
/// then. Until a quorum is verified whoever submits is told nothing: all that is refused before is one answer, after one time, and the
/// reason is the operator's. A copy below quorum some of whose signatures count is kept, and goes onto the queue with the copy that makes
/// it whole. A caller that prefers to wait (RFC 7240, <c>Prefer: wait=N</c>, at most 60 s) is answered 201 with the receipt once the
/// envelope is in the ledger, and 202 when that takes longer, or at once when as many wait already as may.
/// </remarks>
public sealed class SubmitEnvelope(
    RelayPipeline pipeline,
    IEnvelopeQueue queues,
    RelayTelemetry telemetry,
    IOptions<EnvelopeOptions> options,
    ReceiptWaiters waiters,
    LedgerReader ledger,
    RateStandings rates,
    DependencyCircuit circuit,
    ProvingBodies bodies)
{
    [Function(nameof(SubmitEnvelope))]
    [Operation("POST", CallerKind.Anyone, "Submits an envelope, which proves itself.")]
    [Takes("application/jose+json", "The envelope: a JWS in JSON serialization.")]
    [Answer(201, ReadEnvelope.ReceiptType, "In the ledger, with the receipt, within the wait that was preferred.")]
    [Answer(202, "application/json", "Durably on its queue, or kept until other copies make it whole.", Body = typeof(Submission))]
    [Problems(400, 403, 408, 413, 415, 422, 429, 503)]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "envelopes")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var maxBytes = options.Value.MaxBytes;
        return bodies.TakeAsync(
            request,
            "admit envelope",
            maxBytes,
            body => SubmitAsync(request, body, cancellationToken),
            came => Refuse(ReadingRules.Oversize(maxBytes, came)),
            over => telemetry.Refused(over.Wait!),
            cancellationToken);
    }

    private async Task<IActionResult> SubmitAsync(HttpRequest request, ProvingBodies.Body body, CancellationToken cancellationToken)
    {
        // The relay is read-only by itself while it could not keep its word; whoever asks is told so before anything else.
        if (circuit.Check() is { } down) return Refuse(down);
        var examination = await pipeline.ExamineAsync(body.Wire, DirectoryShare.Anonymous, cancellationToken);
        if (examination.IsProved) body.Proved();
        if (await pipeline.KeepAsync(examination, cancellationToken) is { } kept)
        {
            return await TakeCopyAsync(request, kept, examination.Ruling!, body, cancellationToken);
        }
        if (!examination.IsAdmitted && examination.Ruling.Verdict != Verdict.Embargoed)
        {
            return await RefuseAsync(examination.Ruling, body, cancellationToken);
        }

        if (examination.Admitted is { } admitted
            && await rates.FindAsync(admitted, cancellationToken) is { } standing)
        {
            if (standing.Wait is not null) return Refuse(request, standing);
            RateFields.Write(request.HttpContext.Response.Headers, standing);
        }

        // An embargoed envelope is as good as any other; the bus keeps it until its time.
        var id = examination.Admitted?.Envelope.Id ?? examination.Ruling!.Id!.Value;
        var queued = new QueuedEnvelope(body.Wire, id.Lane)
        {
            DueAt = examination.Ruling?.Until,
            TraceParent = TraceParent.Current(body.TraceParent),
        };
        var longest = examination.IsAdmitted ? PreferredWait.Read(request) : TimeSpan.Zero;
        using var waiting = longest > TimeSpan.Zero ? waiters.TryBegin(id) : null;
        if (await queues.EnqueueAsync(queued, cancellationToken) != SendOutcome.Accepted) return QueueUnavailable(id);

        if (waiting is not null
            && await waiting.ReceiveAsync(ledger, examination.Admitted!.Envelope.Digest, longest, cancellationToken) is { } receipt)
        {
            return new BytesAnswer(StatusCodes.Status201Created, receipt, ReadEnvelope.ReceiptType, BytesAnswer.Changing)
            {
                Location = $"{request.PathBase}{request.Path}/{id}",
                PreferenceApplied = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"wait={longest.TotalSeconds:0}"),
            };
        }

        return Accepted(request, id, "queued");
    }

    // Whoever has a mediator's signature learns that it counts, and no more: not whose else are there, nor whether all this is known.
    private async Task<IActionResult> TakeCopyAsync(
        HttpRequest request,
        KeptCopy kept,
        Ruling below,
        ProvingBodies.Body body,
        CancellationToken cancellationToken)
    {
        var id = below.Id!.Value;
        if (kept.Whole is { } whole)
        {
            var queued = new QueuedEnvelope(whole, id.Lane) { DueAt = kept.DueAt, TraceParent = TraceParent.Current(body.TraceParent) };
            return await queues.EnqueueAsync(queued, cancellationToken) == SendOutcome.Accepted
                ? Accepted(request, id, "queued")
                : QueueUnavailable(id);
        }

        var settlement = VerdictTable.For(kept.Ruling!.Verdict).Settlement;
        if (settlement == SettlementAction.Complete) return Accepted(request, id, "pending");
        return await RefuseAsync(settlement == SettlementAction.Retry ? kept.Ruling : below, body, cancellationToken);
    }

    private async ValueTask<JsonAnswer> RefuseAsync(Ruling ruling, ProvingBodies.Body body, CancellationToken cancellationToken)
    {
        if (VerdictTable.For(ruling.Verdict).IsUnproved) await body.UnprovedAsync(cancellationToken);
        return Refuse(ruling);
    }

    private static JsonAnswer Accepted(HttpRequest request, EnvelopeId id, string status) =>
        new(StatusCodes.Status202Accepted, new Submission(id.ToString(), status))
        {
            Location = $"{request.PathBase}{request.Path}/{id}",
        };

    private JsonAnswer QueueUnavailable(EnvelopeId id) => Refuse(
        new Ruling(
            Verdict.QueueUnavailable, ReasonCodes.QueueUnavailable, "expected the queue to take the envelope, it cannot now")
        { Id = id });

    private JsonAnswer Refuse(HttpRequest request, RateStanding over)
    {
        telemetry.Refused(over.Wait!);
        return Problems.RateLimited(request.HttpContext.Response.Headers, over);
    }

    private JsonAnswer Refuse(Ruling ruling)
    {
        telemetry.Refused(ruling);
        return Problems.Of(ruling);
    }

    /// <summary>Body of a 202.</summary>
    /// <param name="Id">Envelope id.</param>
    /// <param name="Status">
    /// <c>queued</c>: durably on its queue; <c>pending</c>: its signatures are kept durably until those of other copies make a quorum, or
    /// were known.
    /// </param>
    public sealed record Submission(string Id, string Status);
}
