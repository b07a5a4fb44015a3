namespace Relay.Client.Prekeys;

/// <summary>
/// A key store cannot be opened, read or written; the message says what was expected and what to do, never with a key in it.
/// </summary>
public sealed class PrekeyStoreException : Exception
{
    /// <summary>With what was expected and what came.</summary>
    public PrekeyStoreException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="PrekeyStoreException(string)"/>
    public PrekeyStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
