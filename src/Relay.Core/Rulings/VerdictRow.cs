using Microsoft.Extensions.Logging;

namespace Relay.Core.Rulings;

/// <summary>One row of <see cref="VerdictTable"/>.</summary>
/// <param name="Settlement">What becomes of the message.</param>
/// <param name="HttpStatus">Status of the answer to an HTTP submission, 200 to 599.</param>
/// <param name="Level">Level of the one log line a verdict gets.</param>
/// <param name="Tag">Value of the metric tag <c>relay.verdict</c>; unique.</param>
public readonly record struct VerdictRow(SettlementAction Settlement, int HttpStatus, LogLevel Level, string Tag)
{
    /// <summary>
    /// True for what is decided before a quorum is verified: over HTTP all of it is one answer, <see cref="ReasonCodes.NotProved"/>, and
    /// the reason stays with the operator.
    /// </summary>
    public bool IsUnproved { get; init; }
}
