using Microsoft.AspNetCore.Http;
using Relay.Core.Directory;
using Relay.Core.Health;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Callers;

/// <summary>
/// Decides whether a call goes on: by what its operation asks for, what the caller proves, and what the negotiation's document and the
/// settings say. Denies by default. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Nobody that the document of a negotiation does not name learns whether there is one of that name. An operator is no member: the role
/// opens what is declared for operators, and reads of a negotiation stay with those that its document names.
/// </remarks>
public sealed class CallGuard(CallerReader callers, NegotiationCallers members, DependencyCircuit circuit)
{
    /// <summary>Decides it. Never throws on what a caller sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="allowed">Who may call the operation.</param>
    /// <param name="negotiation">From the route, any text; null where the route has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<CallDecision> DecideAsync(
        HttpContext context, CallerKind allowed, string? negotiation, CancellationToken cancellationToken)
    {
        if (allowed == CallerKind.Nobody) return Refused(CallVerdict.Undeclared, CallerClass.Nobody);
        if (allowed.HasFlag(CallerKind.Anyone)) return new(CallVerdict.Allowed, CallerClass.Nobody, "", "");
        var read = await callers.ReadAsync(context, cancellationToken);
        if (read.Unavailable) return new(CallVerdict.CallerUnavailable, CallerClass.Nobody, read.Problem, "");
        if (read.Caller is not { } caller) return new(CallVerdict.Unauthenticated, CallerClass.Nobody, read.Problem, "");
        var isOperator = read.IsOperator && allowed.HasFlag(CallerKind.Operator);
        var proved = read.IsOperator ? CallerClass.Operator : caller.ObjectId is null ? CallerClass.Certificate : CallerClass.Token;
        if (!isOperator && !allowed.HasFlag(CallerKind.Member)) return Refused(CallVerdict.NotAnOperator, proved);
        if (negotiation is not null && !RelayName.IsValid(negotiation)) return Refused(CallVerdict.NoSuchName, proved);
        if (isOperator) return new(CallVerdict.Allowed, proved, "", Principal(caller));
        // A member of what? A test holds that routes for members name a negotiation.
        if (negotiation is null) return Refused(CallVerdict.NotACaller, proved);
        return await members.FindAsync(negotiation, caller, cancellationToken) switch
        {
            CallerStanding.Named => new(CallVerdict.Allowed, proved, "", ""),
            // Else names that are held in memory would be told from others while the directory is away.
            CallerStanding.NotNamed when circuit.IsDown(Dependency.Directory) => Refused(CallVerdict.DirectoryUnavailable, proved),
            CallerStanding.NotNamed => Refused(CallVerdict.NotACaller, proved),
            CallerStanding.Unavailable => Refused(CallVerdict.DirectoryUnavailable, proved),
        };
    }

    private static CallDecision Refused(CallVerdict verdict, CallerClass caller) => new(verdict, caller, CallTable.For(verdict).Detail, "");

    private static string Principal(Caller caller) =>
        caller.ObjectId?.ToString() ?? (caller.PublicKeyHash is { } hash ? Convert.ToHexStringLower(hash.Span)[..16] : "");
}
