namespace Relay.Client.Ledger;

/// <summary>
/// The relay's log did not answer as a log does: it refused the caller, what it sent is not of the form asked for, or it gave no
/// answer at all.
/// </summary>
/// <param name="message">What was expected and what came.</param>
/// <param name="cause">What lies beneath, or null.</param>
public sealed class LedgerLogException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>True when no answer came, or one that says "later": nothing is known then, and another time may do.</summary>
    public bool IsNotNow { get; init; }
}
