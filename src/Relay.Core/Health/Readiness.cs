using System.Collections.Immutable;
using System.Globalization;

namespace Relay.Core.Health;

/// <summary>Whether this process can be given work: nothing it depends on is down, and no backlog stands still.</summary>
public sealed class Readiness(DependencyCircuit circuit, WorkProgress progress)
{
    /// <summary>A backlog without progress for so long is no readiness, whatever the cause: 10 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Why it is not ready, one sentence each; empty when it is.</summary>
    public ImmutableArray<UnreadyReason> Reasons
    {
        get
        {
            var reasons = circuit.Down
                .Select(down => new UnreadyReason(
                    $"{down.Dependency.ToText()}-down",
                    Sentence($"expected the {down.Dependency.ToText()} within reach, it is not since {down.Since:u}")))
                .ToList();
            var stalled = progress.Stalled;
            if (stalled >= Patience)
            {
                reasons.Add(new UnreadyReason(
                    "no-progress",
                    Sentence($"expected messages that wait to get on, none has for {stalled.TotalSeconds:0} s")));
            }

            return [.. reasons];
        }
    }

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Why a process is not ready.</summary>
/// <param name="Reason">Stable: <c>bus-down</c>, <c>ledger-down</c>, <c>vault-down</c>, <c>directory-down</c>, <c>no-progress</c>.</param>
/// <param name="Detail">What was expected and what is.</param>
public sealed record UnreadyReason(string Reason, string Detail);
