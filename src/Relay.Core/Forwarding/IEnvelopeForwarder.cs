namespace Relay.Core.Forwarding;

/// <summary>Port: topics of delegations.</summary>
public interface IEnvelopeForwarder
{
    /// <summary>Sends one envelope to one topic; when it returns Accepted the bus has it durably.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether the topic has the envelope is not known.</exception>
    ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken);
}
