using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;

namespace Emulator.ServiceBus.Entities;

/// <summary>What the engine needs to know about an encoding it does not know. Called under entity locks: pure and quick.</summary>
internal interface IMessageCodec
{
    /// <summary>The content with these application properties set, others kept.</summary>
    MessageContent Merge(MessageContent content, IReadOnlyList<KeyValuePair<string, object?>> properties);

    /// <summary>Whether the properties are within the service's limits.</summary>
    bool Fits(MessageContent content);

    /// <summary>The content with what a rule's action changed.</summary>
    MessageContent Apply(MessageContent content, MessageChanges changes);

    /// <summary>The fields that filters look at.</summary>
    FilterFields ReadFields(MessageContent content);
}
