using Relay.Protocol.Envelopes;

namespace Relay.Client.Mediators;

/// <summary>A way to the relay: its queues, or its HTTP API. Safe for concurrent use.</summary>
public interface IEnvelopeSubmitter
{
    /// <summary>Submits one envelope; when it returns, the relay has it durably. Submitting again after a failure is safe.</summary>
    /// <exception cref="EnvelopeRefusedException">The relay said no, or not now.</exception>
    Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken);
}
