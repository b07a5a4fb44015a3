using Relay.Core.Directory;

namespace Relay.Functions.Callers;

/// <summary>Who a request is from, as far as it proves it.</summary>
/// <param name="Caller">The caller; null when it proves nothing.</param>
/// <param name="Problem">What was expected and what came; empty with a caller.</param>
/// <param name="Unavailable">What proves it could not be checked now.</param>
public readonly record struct CallerRead(Caller? Caller, string Problem, bool Unavailable)
{
    /// <summary>True when it has proved to be an operator, in whichever of the two ways.</summary>
    public bool IsOperator { get; init; }
}
