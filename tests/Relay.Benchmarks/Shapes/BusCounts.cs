namespace Relay.Benchmarks.Shapes;

/// <summary>What the queue and the topics did.</summary>
/// <param name="Received">Messages taken off the queue.</param>
/// <param name="Batches">Invocations that they came in.</param>
/// <param name="Completed">Messages completed.</param>
/// <param name="Copies">Copies scheduled.</param>
/// <param name="DeadLettered">Messages refused.</param>
/// <param name="Sent">Messages to topics.</param>
internal readonly record struct BusCounts(long Received, long Batches, long Completed, long Copies, long DeadLettered, long Sent);
