namespace Relay.Functions.Callers;

/// <summary>What a caller has proved, as log and meter name it; closed.</summary>
public enum CallerClass
{
    /// <summary>Nothing, or it was not looked at.</summary>
    Nobody,

    /// <summary>That it holds a certificate's key.</summary>
    Certificate,

    /// <summary>That the authority issued it a token for this relay.</summary>
    Token,

    /// <summary>One of the two, and that it is an operator.</summary>
    Operator,
}
