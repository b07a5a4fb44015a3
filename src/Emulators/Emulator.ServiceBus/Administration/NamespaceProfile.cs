using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>What the namespace says of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StartedAt">When it counts as created.</param>
/// <param name="MaxMessageKilobytes">Largest message of an entity that sets no limit of its own, and the most that one may set.</param>
internal sealed record NamespaceProfile(string Name, DateTimeOffset StartedAt, int MaxMessageKilobytes)
{
    /// <summary>As clients are told: an entity always has a largest message.</summary>
    public EntityExtras Complete(EntityExtras extras) =>
        extras with { MaxMessageSizeInKilobytes = extras.MaxMessageSizeInKilobytes ?? MaxMessageKilobytes };
}
