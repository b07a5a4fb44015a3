using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Diagnostics;

/// <summary>How one entity stood at one moment.</summary>
/// <param name="Path">Declared spelling, such as <c>orders</c> or <c>news/Subscriptions/inbox</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Active">Messages to be received or being received; 0 for a topic.</param>
/// <param name="DeadLettered">Messages in its dead-letter queue; 0 for a topic.</param>
/// <param name="Scheduled">Messages waiting for their time. A topic's wait in the topic.</param>
/// <param name="Deferred">Messages set aside by receivers.</param>
public sealed record EntitySnapshot(string Path, EntityKind Kind, int Active, int DeadLettered, int Scheduled, int Deferred);
