using Microsoft.Extensions.Logging;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Tells the operator what is damaged, each thing once: a damaged blob is met again with every envelope. Not for concurrent use.
/// </summary>
internal sealed class DamageReports(string negotiation, ILogger logger)
{
    private const int Most = 1_000;

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    public void Add(string problem)
    {
        if (_reported.Count < Most && _reported.Add(problem)) LedgerLog.Damaged(logger, negotiation, problem);
    }
}
