namespace Relay.Client.Ledger;

/// <summary>
/// The relay's log was reached and did not answer as a log does: it refused the caller, or what it sent is not of the form asked for.
/// </summary>
/// <param name="message">What was expected and what came.</param>
/// <param name="cause">What lies beneath, or null.</param>
public sealed class LedgerLogException(string message, Exception? cause = null) : Exception(message, cause);
