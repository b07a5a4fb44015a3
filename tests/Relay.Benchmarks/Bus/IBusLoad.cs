namespace Relay.Benchmarks.Bus;

/// <summary>A client that sends messages to one entity and takes them back. Connections stay open between calls.</summary>
internal interface IBusLoad : IAsyncDisposable
{
    /// <summary>Sends messages and waits until each is accepted.</summary>
    /// <returns>From the first send to the last answer.</returns>
    Task<TimeSpan> SendAsync(int count, CancellationToken cancellationToken);

    /// <summary>Receives messages and completes each; they are there already.</summary>
    /// <returns>From the first credit to the last settlement.</returns>
    Task<TimeSpan> ReceiveAsync(int count, CancellationToken cancellationToken);
}
