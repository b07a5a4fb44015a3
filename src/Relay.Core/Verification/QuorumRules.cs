using System.Globalization;
using System.Text;
using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Protocol.Quorum;

namespace Relay.Core.Verification;

/// <summary>Which verdict a missed quorum gets. A pure function of the signatures' outcomes and the rule's weights.</summary>
/// <remarks>
/// <para>Signatures that did not count are grouped by what is wrong with them
/// (<see cref="ReasonCodes.Of(SignatureOutcome)"/>); which kinds explain the miss,
/// <see cref="QuorumResult.IsMissedFor"/> says. Then, in this order:</para>
/// <list type="number">
/// <item>Keys that cannot be read now explain it: <see cref="Verdict.KeyUnavailable"/>, because waiting may help.</item>
/// <item>Exactly one other kind explains it: that kind's own verdict and code.</item>
/// <item>None or several do: <see cref="Verdict.QuorumNotMet"/>.</item>
/// </list>
/// <para>The description lists every signature in each case.</para>
/// </remarks>
internal static class QuorumRules
{
    private static readonly SignatureOutcome[] PermanentKinds =
    [
        SignatureOutcome.Valid, SignatureOutcome.UnknownMediator, SignatureOutcome.UnknownKeyVersion, SignatureOutcome.KeyDisabled,
        SignatureOutcome.KeyCompromised, SignatureOutcome.AlgorithmMismatch, SignatureOutcome.BadSignature,
    ];

    /// <returns>Null when the quorum is reached, else why not.</returns>
    public static Ruling? Check(QuorumResult result)
    {
        if (result.Reached) return null;
        return Decide(result) is { } kind
            ? new Ruling(VerdictOf(kind), ReasonCodes.Of(kind), Describe(result))
            : new Ruling(Verdict.QuorumNotMet, ReasonCodes.QuorumNotMet, Describe(result));
    }

    private static Verdict VerdictOf(SignatureOutcome kind) => kind switch
    {
        SignatureOutcome.Valid => Verdict.QuorumNotMet,
        SignatureOutcome.UnknownMediator => Verdict.UnknownMediator,
        SignatureOutcome.UnknownKeyVersion or SignatureOutcome.KeyDisabled or SignatureOutcome.KeyCompromised => Verdict.KeyDisabled,
        SignatureOutcome.KeyUnavailable => Verdict.KeyUnavailable,
        SignatureOutcome.AlgorithmMismatch or SignatureOutcome.BadSignature => Verdict.BadSignature,
    };

    private static SignatureOutcome? Decide(QuorumResult result)
    {
        if (result.IsMissedFor(SignatureOutcome.KeyUnavailable)) return SignatureOutcome.KeyUnavailable;
        SignatureOutcome? only = null;
        foreach (var kind in PermanentKinds)
        {
            if (!result.IsMissedFor(kind)) continue;
            if (only is not null) return null;
            only = kind;
        }

        return only;
    }

    /// <summary>The weight, and what became of every signature.</summary>
    public static string Describe(QuorumResult result)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"expected signatures of weight {result.Required}, got {result.Weight}");
        foreach (var row in result.Rows)
        {
            text.Append(row.Finding.Mediator is null ? "; signature by " : $"; {row.Finding.Mediator} by ");
            text.Append(PeerText.Quote(row.Finding.KeyId))
                .Append(": ")
                .Append(Say(row, row.Finding.Mediator is { } name && result.Counted.Contains(name)));
        }

        return text.ToString();
    }

    private static string Say(QuorumRow row, bool isCounted) => row.Finding.Outcome switch
    {
        SignatureOutcome.Valid => row.Weight > 0
            ? string.Create(CultureInfo.InvariantCulture, $"valid, weight {row.Weight}")
            : isCounted
                ? "valid, but a mediator counts once"
                : "valid, but its public key has counted under another mediator's name, and a key counts once",
        SignatureOutcome.UnknownMediator => "expected a key of a mediator of the negotiation, got another",
        SignatureOutcome.UnknownKeyVersion => "expected a version the vault has, got another",
        SignatureOutcome.KeyDisabled => "expected an enabled key version in date, got one disabled, out of date or unfit",
        SignatureOutcome.KeyCompromised => "expected a key version that its holder alone has, got one withdrawn as compromised",
        SignatureOutcome.KeyUnavailable => "the key cannot be read now",
        SignatureOutcome.AlgorithmMismatch => "expected the algorithm of the key, got another",
        SignatureOutcome.BadSignature => "expected a signature over these bytes, got one that does not verify",
    };
}
