using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Modes;
using Relay.Core.Rulings;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Protocol.Negotiations;

namespace Relay.Functions;

/// <summary>
/// Whether a negotiation takes envelopes: <c>GET /api/negotiations/{n}/mode</c>, and <c>PUT</c> by an operator, body
/// <c>{"mode":"open"|"read-only"|"closed"}</c>.
/// </summary>
public sealed class NegotiationModeOperations(NegotiationModes modes)
{
    private const int MaxBytes = 256;

    [Function("NegotiationMode")]
    [Operation("GET", CallerKind.Member | CallerKind.Operator, "Whether the negotiation takes envelopes, and who says so.")]
    [Operation("PUT", CallerKind.Operator, "Puts a mode in force, with an entry of the ledger; nothing where it is already.")]
    [Takes("application/json", "The mode: open, read-only or closed.", Body = typeof(WantedMode))]
    [Answer(200, "application/json", "The mode.", Body = typeof(Standing))]
    [Problems(400, 404, 408, 413, 415, 503)]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "negotiations/{negotiation}/mode")] HttpRequest request,
        string negotiation,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!HttpMethods.IsPut(request.Method)) return Answer(await modes.FindAsync(negotiation, cancellationToken));
        if (BodyForm.Refuse(request) is { } foreign) return foreign;
        return await RequestBody.TakeAsync(
            request,
            MaxBytes,
            json => PutAsync(negotiation, json, cancellationToken),
            static came => Problems.Oversize(MaxBytes, came),
            cancellationToken);
    }

    private async Task<IActionResult> PutAsync(string negotiation, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (!NegotiationModeText.TryParse(JsonBody.ReadText(json, "mode"), out var mode))
        {
            const string Detail = "expected {\"mode\":\"open\"}, \"read-only\" or \"closed\", got something else";
            return Problems.Create(400, "malformed-mode", "Malformed", Detail, null);
        }

        return Answer(await modes.SetAsync(negotiation, mode, cancellationToken));
    }

    private static JsonAnswer Answer(ModeOutcome outcome) => outcome.Verdict switch
    {
        ModeVerdict.Changed or ModeVerdict.Unchanged when outcome.Standing is { } standing => new JsonAnswer(
            StatusCodes.Status200OK,
            new Standing(standing.Mode.ToText(), standing.Operator.ToText(), standing.Document.ToText(), outcome.Index)),
        ModeVerdict.UnknownNegotiation => Problems.Create(404, "negotiation-not-found", "NotFound", outcome.Detail, null),
        ModeVerdict.DirectoryUnavailable =>
            Problems.Create(503, ReasonCodes.DirectoryUnavailable, "DirectoryUnavailable", outcome.Detail, null),
        ModeVerdict.LedgerUnavailable => Problems.Create(503, ReasonCodes.LedgerUnavailable, "LedgerUnavailable", outcome.Detail, null),
        ModeVerdict.LedgerDamaged => Problems.Create(503, ReasonCodes.LedgerDamaged, "LedgerDamaged", outcome.Detail, null),
        ModeVerdict.Changed or ModeVerdict.Unchanged => throw new InvalidOperationException("A known mode without its standing."),
    };

    /// <summary>Body of a PUT.</summary>
    /// <param name="Mode"><c>open</c>, <c>read-only</c> or <c>closed</c>.</param>
    public sealed record WantedMode(string Mode);

    /// <summary>Body of the answer.</summary>
    /// <param name="Mode">The mode that holds: the stricter of the two.</param>
    /// <param name="Operator">What an operator has put in force.</param>
    /// <param name="Document">What the negotiation's document says.</param>
    /// <param name="Index">Ledger index of this change's entry; absent where nothing has changed.</param>
    public sealed record Standing(string Mode, string Operator, string Document, long? Index);
}
