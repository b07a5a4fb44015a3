using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Relay.Core.Directory;
using Relay.Core.Ledger.Reading;
using Relay.Functions.Callers;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Reading;

/// <summary>
/// What every read has in common: which methods there are, who asks, whether
/// the negotiation names them, and what a read that failed is answered.
/// </summary>
public sealed class LedgerEndpoint(CallerReader callers, NegotiationCallers readers, ILogger<LedgerEndpoint> logger)
{
    /// <summary>
    /// The guard before every read: nobody that the negotiation's document does not name learns whether there is such a negotiation.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="negotiation">From the route: any text.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null to go on, else the answer.</returns>
    public async Task<IActionResult?> RefuseAsync(HttpRequest request, string negotiation, CancellationToken cancellationToken)
    {
        if (AllowedMethods.RefuseUnlessRead(request) is { } other) return other;
        return await RefuseCallerAsync(request, negotiation, cancellationToken);
    }

    /// <summary>The same of a resource with methods of its own.</summary>
    /// <param name="request">The request.</param>
    /// <param name="negotiation">From the route: any text.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null to go on, else the answer.</returns>
    public async Task<IActionResult?> RefuseCallerAsync(HttpRequest request, string negotiation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var caller = await callers.ReadAsync(request.HttpContext, cancellationToken);
        if (caller.Unavailable) return Problems.Create(503, "caller-unavailable", "CallerUnavailable", caller.Problem, null);
        if (caller.Caller is null) return Problems.Create(401, "unauthenticated", "Unauthenticated", caller.Problem, null);
        if (!RelayName.IsValid(negotiation))
        {
            const string NoName = "expected a negotiation's name, [a-z0-9] then up to 49 of [a-z0-9-], got something else";
            return Problems.Create(404, "negotiation-not-found", "NotFound", NoName, null);
        }

        return await readers.FindAsync(negotiation, caller.Caller, cancellationToken) switch
        {
            CallerStanding.Named => null,
            CallerStanding.NotNamed =>
                Problems.Create(
                    403, "not-a-caller", "NotACaller", "expected a caller that the negotiation's document names, got another", null),
            CallerStanding.Unavailable => Problems.Create(
                503,
                "directory-unavailable",
                "DirectoryUnavailable",
                "expected the directory's document of the negotiation, it cannot be read now",
                null),
        };
    }

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
