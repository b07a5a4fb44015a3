namespace Relay.Core.Ledger.Commit;

/// <summary>Port: where events about negotiations as a whole are told, metadata only, to whoever subscribes.</summary>
public interface ISignalFeed
{
    /// <summary>Tells one event.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="kind">What the event is, for filters.</param>
    /// <param name="mediaType">Of the body.</param>
    /// <param name="body">The event.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when it could not be told now.</returns>
    ValueTask<bool> TellAsync(
        string negotiation, string kind, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
