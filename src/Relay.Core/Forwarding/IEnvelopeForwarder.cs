namespace Relay.Core.Forwarding;

/// <summary>Port: topics of delegations.</summary>
public interface IEnvelopeForwarder
{
    /// <summary>Sends one envelope to one topic; when it returns Accepted the bus has it durably.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether the topic has the envelope is not known.</exception>
    ValueTask<ForwardStatus> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken);
}

/// <summary>What a topic did with an envelope; closed.</summary>
public enum ForwardStatus
{
    /// <summary>It has it.</summary>
    Accepted,

    /// <summary>It cannot be reached now, or its answer did not come; sending again is safe because the message id stays the same.</summary>
    Unavailable,

    /// <summary>It will never take this envelope, for instance because it is too large for it.</summary>
    Refused,
}
