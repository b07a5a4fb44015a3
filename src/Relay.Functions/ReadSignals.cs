using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Risk;
using Relay.Risk.Results;

namespace Relay.Functions;

/// <summary>
/// A negotiation's risk signals: <c>GET /api/negotiations/{negotiation}/signals</c> with <c>window</c> (seconds, a day) and <c>until</c>
/// (milliseconds since 1970, now). Computed from the ledger, so that who may read that computes the same.
/// </summary>
public sealed class ReadSignals(LedgerEndpoint endpoint, SignalReader signals, TimeProvider time)
{
    [Function("ReadSignals")]
    [Operation("GET", CallerKind.Member, "Risk signals, computed from the ledger.")]
    [Query("window", "Seconds that they are of, a day by default.", 86_400, IsOptional = true)]
    [Query("until", "End of the window in milliseconds since 1970, now by default.", 1_796_000_000_000, IsOptional = true)]
    [Answer(200, SignalEvent.MediaType, "CloudEvents 1.0, type relay.signals.v1; the README of Relay.Risk has each formula.")]
    [Problems(400, 404, 503)]
    public async Task<IActionResult> SignalsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "negotiations/{negotiation}/signals")] HttpRequest request,
        string negotiation,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!TryWindow(request, out var window))
        {
            const string Expected = "expected window in seconds, 60 to 2592000, and until in milliseconds since 1970, got something else";
            return Problems.Create(400, "bad-window", "BadWindow", Expected, null);
        }
        var read = await signals.ReadAsync(negotiation, cancellationToken);
        if (!read.IsFound) return endpoint.Failed(read.Failure, "signals", negotiation, null);
        var source = read.Value;
        var computed = SignalCalculator.Compute(negotiation, source.Ledger, source.Observations, window);
        var body = SignalEvent.Write(computed, source.Relay);
        return new BytesAnswer(StatusCodes.Status200OK, body, SignalEvent.MediaType, BytesAnswer.Changing);
    }

    private bool TryWindow(HttpRequest request, out SignalWindow window)
    {
        window = SignalWindow.Ending(time.GetUtcNow(), SignalWindow.Usual);
        if (request.Query.TryGetValue("window", out var length))
        {
            if (length.Count != 1 || !SignalWindow.TryParseLength(length[0], out var span)) return false;
            window = window with { Length = span };
        }
        if (request.Query.TryGetValue("until", out var end))
        {
            if (end.Count != 1 || !SignalWindow.TryParseEnd(end[0], out var until)) return false;
            window = window with { Until = until };
        }
        return true;
    }
}
