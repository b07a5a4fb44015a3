using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Forwards envelopes that waited for a gap; nobody has a message on the queue for them any more.</summary>
public interface IReleaseForwarding
{
    /// <summary>Forwards one to each addressee's topic.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="index">Its ledger index.</param>
    /// <param name="receipt">Its receipt.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when it is over: every topic has it, or will never take it. Else why not yet.</returns>
    ValueTask<string?> ForwardAsync(Candidate envelope, long index, ReadOnlyMemory<byte> receipt, CancellationToken cancellationToken);
}
