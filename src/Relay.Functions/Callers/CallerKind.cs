namespace Relay.Functions.Callers;

/// <summary>Who may call an operation; each operation says it, and nothing is allowed by default.</summary>
[Flags]
public enum CallerKind
{
    /// <summary>Nobody.</summary>
    Nobody = 0,

    /// <summary>Anybody, since the body proves itself or what is told is for everybody. What a caller presents is not looked at.</summary>
    Anyone = 1,

    /// <summary>Whom <c>callers</c> of the document names, of the negotiation in the route.</summary>
    Member = 2,

    /// <summary>Who has the operator role: a token with the role, or a pinned certificate (<see cref="OperatorOptions"/>).</summary>
    Operator = 4,
}
