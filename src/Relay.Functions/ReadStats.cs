using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;

namespace Relay.Functions;

/// <summary>What was counted of envelopes: of one negotiation for its members, of all for operators. Never of content.</summary>
public sealed class ReadStats(StatsReader stats)
{
    [Function("ReadNegotiationStats")]
    [Operation("GET", CallerKind.Member | CallerKind.Operator, "Flow, refusals by reason, latency, and where the ledger stands.")]
    [Answer(200, "application/json", "What workers have counted of the negotiation.", Body = typeof(NegotiationStats))]
    [Problems(404, 503)]
    public async Task<IActionResult> NegotiationAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "negotiations/{negotiation}/stats")] HttpRequest request,
        string negotiation,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new JsonAnswer(StatusCodes.Status200OK, await stats.ReadAsync(negotiation, cancellationToken));
    }

    [Function("ReadStats")]
    [Operation("GET", CallerKind.Operator, "The same of all negotiations, and of the worker that answers.")]
    [Answer(200, "application/json", "What workers have counted.", Body = typeof(RelayStats))]
    [Problems(503)]
    public async Task<IActionResult> RelayAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "stats")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new JsonAnswer(StatusCodes.Status200OK, await stats.ReadAsync(cancellationToken));
    }
}
