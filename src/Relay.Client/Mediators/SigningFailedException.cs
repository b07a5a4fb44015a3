namespace Relay.Client.Mediators;

/// <summary>
/// The key did not sign: its vault refused, did not answer in time, or gave no signature. Signing again is safe.
/// </summary>
public sealed class SigningFailedException : Exception
{
    /// <summary>An exception without details.</summary>
    public SigningFailedException()
    {
    }

    /// <summary>An exception with a message alone.</summary>
    public SigningFailedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    public SigningFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The key that was asked.</summary>
    public string? KeyId { get; init; }

    /// <summary>How many heads the call was for; each of those who wait for one is told.</summary>
    public int Heads { get; init; }
}
