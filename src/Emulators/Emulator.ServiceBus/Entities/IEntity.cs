using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>What queues, topics and subscriptions have in common.</summary>
internal interface IEntity
{
    /// <summary>Declared spelling.</summary>
    string Path { get; }

    EntityKind Kind { get; }

    EntityStatus Status { get; }

    EntityLife Life { get; }

    EntityOrigin Origin { get; }

    EntityDomain Domain { get; }

    /// <summary>Its stores, dead-letter queues included.</summary>
    IEnumerable<MessageStore> Stores { get; }

    /// <summary>From here on nothing enters. Called once, without the gate.</summary>
    EntityOutcome Close();

    /// <summary>What is stored of it; null settings say that it is deleted.</summary>
    EntityDefinition Define(bool isDeleted);
}
