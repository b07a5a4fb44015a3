namespace Relay.Functions.Callers;

/// <summary>What is decided about a call before it reaches its function; closed. <see cref="CallTable"/> says what is answered.</summary>
public enum CallVerdict
{
    /// <summary>It goes on.</summary>
    Allowed,

    /// <summary>The function says of no operation who may call it.</summary>
    Undeclared,

    /// <summary>It has to prove who it is, and does not.</summary>
    Unauthenticated,

    /// <summary>What proves it cannot be checked now.</summary>
    CallerUnavailable,

    /// <summary>The negotiation in the route breaks the rule of names.</summary>
    NoSuchName,

    /// <summary>The negotiation's document does not name it, or there is no such negotiation.</summary>
    NotACaller,

    /// <summary>It is no operator.</summary>
    NotAnOperator,

    /// <summary>The directory's document cannot be read now.</summary>
    DirectoryUnavailable,
}
