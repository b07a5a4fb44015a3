using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Prekeys;
using Relay.Core.Rulings;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Functions;

/// <summary>
/// Keys that senders seal to: <c>PUT /api/negotiations/{n}/delegations/{d}/prekeys</c>, body the bundle, <c>POST .../claim</c>, body the
/// claim, both compact JWS (<c>application/jose</c>) that prove themselves, and <c>POST .../check</c>, for callers that the negotiation's
/// document names.
/// </summary>
/// <remarks>
/// A bundle is answered 201 with the receipt of its entry, or 200 when it is in force already; a claim 200 with a
/// <see cref="ClaimAnswer"/>,
/// and the same one again with the same keys.
/// </remarks>
public sealed class DelegationPrekeys(
    PrekeyPipeline pipeline,
    LedgerEndpoint endpoint,
    LedgerReader ledger,
    RelayTelemetry telemetry,
    ProvingBodies bodies)
{
    private const string Route = "negotiations/{negotiation}/delegations/{delegation}/prekeys";
    private const int MaxCheckBytes = 1_024;

    [Function("PublishPrekeys")]
    [Operation("PUT", CallerKind.Anyone, "Puts a delegation's bundle of prekeys in force, which proves itself.")]
    [Takes("application/jose", "The bundle: a compact JWS.")]
    [Answer(200, ReadEnvelope.ReceiptType, "In force already, with the receipt of its entry.")]
    [Answer(201, ReadEnvelope.ReceiptType, "In force, with the receipt of its entry.")]
    [Problems(400, 403, 408, 409, 413, 415, 422, 429, 503)]
    public Task<IActionResult> PublishAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route)] HttpRequest request,
        string negotiation,
        string delegation,
        CancellationToken cancellationToken) =>
        TakeAsync(
            request,
            PrekeyBundle.MaxBytes,
            body => pipeline.PublishAsync(negotiation, delegation, body, cancellationToken),
            cancellationToken);

    [Function("ClaimPrekeys")]
    [Operation("POST", CallerKind.Anyone, "Hands out another delegation's keys to who signed the claim.")]
    [Takes("application/jose", "The claim: a compact JWS.")]
    [Answer(200, "application/json", "The receipts of the entries that hand out the keys, and the bundles; the same again.")]
    [Problems(400, 403, 404, 408, 409, 413, 415, 422, 429, 503)]
    public Task<IActionResult> ClaimAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/claim")] HttpRequest request,
        string negotiation,
        string delegation,
        CancellationToken cancellationToken) =>
        TakeAsync(
            request,
            PrekeyClaim.MaxBytes,
            body => pipeline.ClaimAsync(negotiation, delegation, body, cancellationToken),
            cancellationToken);

    [Function("CheckPrekeys")]
    [Operation("POST", CallerKind.Member, "Which bundle is in force, and whether it is that one.")]
    [Takes("application/json", "Digest of a bundle.", Body = typeof(PrekeyQuestion))]
    [Answer(200, "application/json", "The bundle in force.", Body = typeof(PrekeyStanding))]
    [Problems(400, 404, 408, 413, 415, 503)]
    public async Task<IActionResult> CheckAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "/check")] HttpRequest request,
        string negotiation,
        string delegation,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (BodyForm.Refuse(request) is { } foreign) return foreign;
        if (!RelayName.IsValid(delegation)) return NoName();
        return await RequestBody.TakeAsync(
            request,
            MaxCheckBytes,
            json => CheckAsync(negotiation, delegation, json, cancellationToken),
            static came => Answer(PrekeyPipeline.Oversize(MaxCheckBytes, came)),
            cancellationToken);
    }

    private async Task<IActionResult> CheckAsync(
        string negotiation, string delegation, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (!Digest.TryParse(JsonBody.ReadText(json, "digest"), out var digest)) return NoDigest();
        var read = await ledger.PrekeysAsync(negotiation, delegation, cancellationToken);
        return read.IsFound
            ? new JsonAnswer(
                StatusCodes.Status200OK,
                new PrekeyStanding(
                    read.Value.Number,
                    read.Value.Bundle.ToString(),
                    read.Value.Count,
                    read.Value.Left,
                    read.Value.ExpiresAt,
                    read.Value.Bundle == digest))
            : endpoint.Failed(read.Failure, "prekeys", negotiation, null);
    }

    private Task<IActionResult> TakeAsync(
        HttpRequest request,
        int maxBytes,
        Func<ReadOnlyMemory<byte>, ValueTask<PrekeyOutcome>> takeAsync,
        CancellationToken cancellationToken) =>
        bodies.TakeAsync(
            request,
            "take prekeys",
            maxBytes,
            async body =>
            {
                var outcome = await takeAsync(body.Wire);
                if (IsProved(outcome.Verdict)) body.Proved();
                if (outcome.Verdict == PrekeyVerdict.NotProved) await body.UnprovedAsync(cancellationToken);
                return Counted(outcome);
            },
            came => Counted(PrekeyPipeline.Oversize(maxBytes, came)),
            limited: null,
            cancellationToken);

    private IActionResult Counted(PrekeyOutcome outcome)
    {
        telemetry.TookPrekeys(outcome.Verdict);
        return Answer(outcome);
    }

    private static bool IsProved(PrekeyVerdict verdict) => verdict is not (
        PrekeyVerdict.Oversize or PrekeyVerdict.Malformed or PrekeyVerdict.NotProved or PrekeyVerdict.OtherResource
            or PrekeyVerdict.DirectoryUnavailable);

    private static IActionResult Answer(PrekeyOutcome outcome)
    {
        var row = PrekeyTable.For(outcome.Verdict);
        if (!outcome.IsEntry) return Problems.Create(row.HttpStatus, row.Reason, outcome.Verdict.ToString(), outcome.Detail, null);
        return outcome.Bundles.IsEmpty
            ? new BytesAnswer(row.HttpStatus, outcome.Receipts[0], ReadEnvelope.ReceiptType, BytesAnswer.Changing)
            : new BytesAnswer(
                row.HttpStatus, ClaimAnswer.Write(outcome.Receipts, outcome.Bundles), "application/json", BytesAnswer.Changing);
    }

    private static JsonAnswer NoName() => Problems.Create(
        404,
        "prekeys-not-found",
        "NotFound",
        "expected a delegation's name, [a-z0-9] then up to 49 of [a-z0-9-], got something else",
        null);

    private static JsonAnswer NoDigest() => Problems.Create(
        400, "malformed-prekeys", "Malformed", "expected {\"digest\":\"SHA-256 of the bundle, base64url\"}, got something else", null);

    /// <summary>Body of a check.</summary>
    /// <param name="Digest">SHA-256 of the bundle, base64url.</param>
    public sealed record PrekeyQuestion(string Digest);

    /// <summary>Body of the answer to a check.</summary>
    /// <param name="Number">Of the bundle in force.</param>
    /// <param name="Digest">SHA-256 of it, base64url.</param>
    /// <param name="Count">One-time keys in it.</param>
    /// <param name="Left">Those not handed out.</param>
    /// <param name="Expires">Until when they are handed out.</param>
    /// <param name="Same">True when it is the bundle that was asked about.</param>
    public sealed record PrekeyStanding(long Number, string Digest, int Count, int Left, DateTimeOffset Expires, bool Same);
}
