using System.Globalization;
using Relay.Core.Caching;
using Relay.Core.Directory;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Core.Acknowledgements;

/// <summary>The steps an acknowledgement goes through: read, look up, verify, admit, commit. Safe for concurrent use.</summary>
/// <remarks>
/// It proves itself, so anybody may bring it. Until the signature of an identity key is verified the caller is told nothing: an unknown
/// negotiation, an unknown key and a wrong signature are one answer, and all of them cost one look-up and one verification.
/// </remarks>
public sealed class AcknowledgementPipeline : IDisposable
{
    private readonly NegotiationDirectory _directory;
    private readonly NegotiationLedgers _ledgers;
    private readonly DelegationBudgets _budgets;
    private readonly DependencyCircuit _circuit;
    private readonly ServiceClock _clock;

    // Verifies what names no key, so that this takes as long as a wrong signature.
    private readonly VerificationKey _nobody;

    internal AcknowledgementPipeline(
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
        using var key = PrivateJwk.Generate(JwkKind.P256, "nobody");
        if (!VerificationKey.TryCreate(key.Public, out var nobody, out var error)) throw new InvalidOperationException(error);
        _nobody = nobody;
    }

    /// <summary>Takes an acknowledgement all the way. Once it is answered as an entry it is one, durably.</summary>
    /// <param name="body">The compact JWS as it came.</param>
    /// <param name="cancellationToken">Ends the wait; the acknowledgement may then be logged or not.</param>
    public async ValueTask<AcknowledgementOutcome> AcknowledgeAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!Acknowledgement.TryParse(body.Span, out var said, out var fault, out var detail))
        {
            var verdict = fault == AcknowledgementFault.Oversize ? AcknowledgementVerdict.Oversize : AcknowledgementVerdict.Malformed;
            return new AcknowledgementOutcome(verdict, $"{detail} ({fault.Code()})");
        }
        // Everybody is told the same while it is down, whatever of it is held in memory.
        if (_circuit.IsDown(Dependency.Directory)) return NoDirectory();
        var entry = await _directory.FindAsync(said.Id.Negotiation, DirectoryShare.Anonymous, cancellationToken).ConfigureAwait(false);
        if (entry is null) return NoDirectory();
        if (!IsProved(said, entry.Document))
        {
            const string NotProved = "expected a signature by a delegation's identity key in the negotiation's document, got none";
            return new AcknowledgementOutcome(AcknowledgementVerdict.NotProved, NotProved);
        }
        var outcome = Admit(said, entry.Document!)
            ?? await _ledgers.AcknowledgeAsync(AcknowledgementCandidate.Of(said, entry.Document!), cancellationToken).ConfigureAwait(false);
        return outcome with { Id = said.Id };
    }

    /// <summary>An answer to a body that was longer than it may be, and was not read.</summary>
    /// <param name="came">Bytes that came or were announced.</param>
    public static AcknowledgementOutcome Oversize(long came) => new(
        AcknowledgementVerdict.Oversize,
        string.Create(CultureInfo.InvariantCulture, $"expected at most {Acknowledgement.MaxBytes} bytes, got {came}"));

    /// <inheritdoc/>
    public void Dispose() => _nobody.Dispose();

    private static AcknowledgementOutcome NoDirectory() => new(
        AcknowledgementVerdict.DirectoryUnavailable, "expected the directory of negotiations, it cannot be read now");

    private bool IsProved(Acknowledgement said, NegotiationDocument? document)
    {
        var fault = document is null ? AcknowledgementFault.UnknownKey : said.Verify(document, out _);
        if (fault == AcknowledgementFault.UnknownKey) said.Verify(_nobody, out _);
        return fault == AcknowledgementFault.None;
    }

    // Null to go on. What was said before a negotiation was closed can still be acknowledged.
    private AcknowledgementOutcome? Admit(Acknowledgement said, NegotiationDocument document)
    {
        var now = _clock.Now;
        if (!_budgets.TryTake(said.Id.Negotiation, said.Delegation))
        {
            return new AcknowledgementOutcome(
                AcknowledgementVerdict.TooMany,
                $"expected at most {_budgets.PerSecond} acknowledgements of {said.Delegation} a second, got more");
        }
        if (document.Mode == NegotiationMode.ReadOnly)
        {
            return new AcknowledgementOutcome(
                AcknowledgementVerdict.ReadOnly, $"expected negotiation '{document.Negotiation}' in mode open or closed, got read-only");
        }
        if (said.IssuedAt - now <= EnvelopeLimits.MaxClockSkew) return null;
        return new AcknowledgementOutcome(
            AcknowledgementVerdict.NotYetIssued,
            string.Create(
                CultureInfo.InvariantCulture, $"expected iat within {EnvelopeLimits.MaxClockSkew} of {now:u}, got {said.IssuedAt:u}"));
    }
}
