using System.Net;

namespace Relay.Client.Mediators;

/// <summary>The relay refused an envelope over HTTP, with its problem details (RFC 9457).</summary>
public sealed class EnvelopeRefusedException : Exception
{
    /// <summary>An exception without details.</summary>
    public EnvelopeRefusedException()
    {
    }

    /// <summary>An exception with a message alone.</summary>
    public EnvelopeRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    public EnvelopeRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status { get; init; }

    /// <summary>Reason code from <c>urn:relay:{code}</c>; null when the answer was no problem of the relay.</summary>
    public string? Reason { get; init; }

    /// <summary>What was expected and what came, in the relay's words; null when it said nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>Envelope id, when the relay could read it.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>
    /// True when the relay was not asked: this client holds itself back, because the relay has taken less than half of what was asked
    /// for in the last two minutes.
    /// </summary>
    public bool IsSelfThrottled { get; init; }

    /// <summary>How long to wait before trying again; null when trying again does not help or the relay does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
