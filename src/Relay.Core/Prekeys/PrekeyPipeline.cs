using System.Globalization;
using Relay.Core.Caching;
using Relay.Core.Directory;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Prekeys;

/// <summary>The steps that a bundle of prekeys and a claim of them go through: read, look up, verify, admit, commit. Safe for concurrent
/// use.</summary>
/// <remarks>
/// Both prove themselves, so anybody may bring them. Until the signature of an identity key is verified the caller is told nothing: an
/// unknown negotiation, an unknown key and a wrong signature are one answer.
/// </remarks>
public sealed class PrekeyPipeline
{
    private readonly NegotiationDirectory _directory;
    private readonly NegotiationLedgers _ledgers;
    private readonly DelegationBudgets _budgets;
    private readonly DependencyCircuit _circuit;
    private readonly ServiceClock _clock;

    internal PrekeyPipeline(
        NegotiationDirectory directory,
        NegotiationLedgers ledgers,
        DelegationBudgets budgets,
        DependencyCircuit circuit,
        ServiceClock clock)
    {
        _directory = directory;
        _ledgers = ledgers;
        _budgets = budgets;
        _circuit = circuit;
        _clock = clock;
    }

    /// <summary>Takes a bundle all the way. Once it is answered with a receipt it is in force, durably.</summary>
    /// <param name="negotiation">Of the resource: any text.</param>
    /// <param name="delegation">Of the resource: any text.</param>
    /// <param name="body">The compact JWS as it came.</param>
    /// <param name="cancellationToken">Ends the wait; the bundle may then be in force or not.</param>
    public async ValueTask<PrekeyOutcome> PublishAsync(
        string negotiation, string delegation, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!PrekeyBundle.TryParse(body.Span, out var bundle, out var fault, out var detail)) return Unread(fault, detail);
        if (bundle.Negotiation != negotiation || bundle.Delegation != delegation) return Other();
        if (await FindAsync(negotiation, cancellationToken).ConfigureAwait(false) is not { } entry) return NoDirectory();
        if (entry.Document is not { } document || bundle.Verify(document, out _) != PrekeyFault.None) return NotProved();
        return Admit(document, bundle.Delegation, bundle.IssuedAt)
            ?? await _ledgers.TakeAsync(BundleCandidate.Of(bundle, document), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a claim all the way. Keys are handed out once it is answered with receipts, durably.</summary>
    /// <param name="negotiation">Of the resource: any text.</param>
    /// <param name="delegation">Of the resource: any text.</param>
    /// <param name="body">The compact JWS as it came.</param>
    /// <param name="cancellationToken">Ends the wait; the keys may then be handed out or not, and the same claim again tells.</param>
    public async ValueTask<PrekeyOutcome> ClaimAsync(
        string negotiation, string delegation, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!PrekeyClaim.TryParse(body.Span, out var claim, out var fault, out var detail)) return Unread(fault, detail);
        if (claim.Negotiation != negotiation || claim.Target != delegation) return Other();
        if (await FindAsync(negotiation, cancellationToken).ConfigureAwait(false) is not { } entry) return NoDirectory();
        if (entry.Document is not { } document) return NotProved();
        switch (claim.Verify(document, out detail))
        {
            case PrekeyFault.None:
                break;
            case PrekeyFault.RouteForbidden:
                return new PrekeyOutcome(PrekeyVerdict.RouteForbidden, detail);
            default:
                return NotProved();
        }
        return Admit(document, claim.Claimer, claim.IssuedAt)
            ?? await _ledgers.TakeAsync(ClaimCandidate.Of(claim, document), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An answer to a body that was longer than it may be, and was not read.</summary>
    /// <param name="most">The bound.</param>
    /// <param name="came">Bytes that came or were announced.</param>
    public static PrekeyOutcome Oversize(int most, long came) => new(
        PrekeyVerdict.Oversize, string.Create(CultureInfo.InvariantCulture, $"expected at most {most} bytes, got {came}"));

    private static PrekeyOutcome Unread(PrekeyFault fault, string detail) => new(
        fault == PrekeyFault.Oversize ? PrekeyVerdict.Oversize : PrekeyVerdict.Malformed, $"{detail} ({fault.Code()})");

    private static PrekeyOutcome Other() => new(
        PrekeyVerdict.OtherResource, "expected keys of the negotiation and delegation that the address names, got those of another");

    private static PrekeyOutcome NotProved() => new(
        PrekeyVerdict.NotProved, "expected a signature by a delegation's identity key in the negotiation's document, got none");

    // Null while the directory is down, whatever of it is held in memory: everybody is told the same.
    private ValueTask<NegotiationEntry?> FindAsync(string negotiation, CancellationToken cancellationToken) =>
        _circuit.IsDown(Dependency.Directory)
            ? new((NegotiationEntry?)null)
            : _directory.FindAsync(negotiation, DirectoryShare.Anonymous, cancellationToken);

    private static PrekeyOutcome NoDirectory() => new(
        PrekeyVerdict.DirectoryUnavailable, "expected the directory of negotiations, it cannot be read now");

    // Null to go on.
    private PrekeyOutcome? Admit(NegotiationDocument document, string signer, DateTimeOffset issuedAt)
    {
        if (!_budgets.TryTake(document.Negotiation, signer))
        {
            return new PrekeyOutcome(
                PrekeyVerdict.TooMany, $"expected at most {_budgets.PerSecond} bundles and claims of {signer} a second, got more");
        }
        var now = _clock.Now;
        if (issuedAt - now > EnvelopeLimits.MaxClockSkew)
        {
            return new PrekeyOutcome(
                PrekeyVerdict.NotYetIssued,
                string.Create(
                    CultureInfo.InvariantCulture, $"expected a time within {EnvelopeLimits.MaxClockSkew} of {now:u}, got {issuedAt:u}"));
        }
        return document.Mode switch
        {
            NegotiationMode.Open => null,
            NegotiationMode.ReadOnly => new PrekeyOutcome(
                PrekeyVerdict.ReadOnly, $"expected negotiation '{document.Negotiation}' in mode open, got read-only"),
            NegotiationMode.Closed => new PrekeyOutcome(
                PrekeyVerdict.Closed, $"expected negotiation '{document.Negotiation}' in mode open, got closed"),
        };
    }
}
