namespace Emulator.ServiceBus.Administration;

/// <summary>What the namespace says of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StartedAt">When it counts as created.</param>
internal sealed record NamespaceProfile(string Name, DateTimeOffset StartedAt);
