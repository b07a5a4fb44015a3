using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Reading;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;

namespace Relay.Functions.Reading;

/// <summary>What every read has in common behind its gate: what a read that failed is answered.</summary>
public sealed class LedgerEndpoint(ILogger<LedgerEndpoint> logger)
{
    /// <summary>The answer to a read that gave nothing.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="what">What was asked for, in the reason: <c>{what}-not-found</c>.</param>
    /// <param name="negotiation">Whose ledger.</param>
    /// <param name="id">Envelope id, or null.</param>
    public JsonAnswer Failed(LedgerReadFailure failure, string what, string negotiation, string? id)
    {
        if (failure.Status == LedgerReadStatus.Damaged) FunctionsLog.LedgerDamaged(logger, negotiation, failure.Problem);
        return failure.Status switch
        {
            LedgerReadStatus.Unavailable =>
                Problems.Create(503, "ledger-unavailable", "LedgerUnavailable", "expected the ledger, it cannot be read now", id),
            // What exactly is broken is for the operator's log; that it is, is for everyone who may read.
            LedgerReadStatus.Damaged =>
                Problems.Create(
                    500, "ledger-damaged", "LedgerDamaged", "expected a part of the ledger that verifies, what is stored does not", id),
            LedgerReadStatus.Found or LedgerReadStatus.Absent =>
                Problems.Create(404, $"{what}-not-found", "NotFound", failure.Problem, id, failure.Next),
        };
    }
}
