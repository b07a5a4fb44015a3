using Relay.Core.Forwarding;

namespace Relay.Core.Ledger.Commit;

/// <summary>Forwards envelopes that waited for a gap; nobody has a message on the queue for them any more.</summary>
public interface IReleaseForwarding
{
    /// <summary>Forwards one to each addressee's topic.</summary>
    /// <returns>Null when it is over: every topic has it, or will never take it. Else why not yet.</returns>
    ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken);
}
