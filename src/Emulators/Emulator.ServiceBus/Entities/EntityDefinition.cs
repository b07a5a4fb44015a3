using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// An entity that is not as the topology declares it: created, changed or deleted at run time. Exactly one of the settings is there, none
/// when it is deleted.
/// </summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Declared">Fingerprint of the declaration it replaces; null when it replaces none.</param>
internal sealed record EntityDefinition(string Path, EntityKind Kind, string? Declared, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public QueueSettings? Queue { get; init; }

    /// <summary>Without subscriptions, which are defined by themselves.</summary>
    public TopicSettings? Topic { get; init; }

    /// <summary>With its rules.</summary>
    public SubscriptionSettings? Subscription { get; init; }

    public bool IsDeleted => Queue is null && Topic is null && Subscription is null;
}

/// <summary>How definitions are written in the journal.</summary>
internal interface IDefinitionCodec
{
    byte[] Encode(EntityDefinition definition);

    /// <exception cref="InvalidDataException">The bytes are no definition.</exception>
    EntityDefinition Decode(string path, ReadOnlySpan<byte> bytes);

    /// <summary>Tells whether a declaration changed: equal settings have equal fingerprints.</summary>
    string Fingerprint(EntityDefinition definition);
}
