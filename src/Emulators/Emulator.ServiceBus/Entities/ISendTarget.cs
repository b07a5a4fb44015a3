using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>What a sender link can be attached to: a queue or a topic.</summary>
internal interface ISendTarget
{
    string Path { get; }

    /// <summary>Where scheduled messages wait, and what peek on this entity shows.</summary>
    MessageStore Waiting { get; }

    EntityDomain Domain { get; }

    /// <summary>Largest message in KiB; null for the namespace's limit.</summary>
    long? MaxMessageKilobytes { get; }

    /// <summary>Filters that a message sent here is put to.</summary>
    int FilterCount { get; }

    /// <summary>
    /// Takes a message that another entity forwards; a duplicate counts as taken. Called under the gate; the caller commits.
    /// </summary>
    /// <param name="message">The message, with its hops.</param>
    /// <param name="enqueueSequenceNumber">The first number it ever had.</param>
    /// <param name="deadLetterSource">Where it was dead-lettered from, or null.</param>
    EntityFault ForwardLocked(MessageContent message, long enqueueSequenceNumber, string? deadLetterSource);

    /// <summary>Whether messages may be sent now, whatever room there is. Called under the gate.</summary>
    EntityFault CheckLocked(ReadOnlySpan<MessageContent> messages);

    /// <summary>Stores messages that were checked and for which there is room. Called under the gate; the caller commits.</summary>
    /// <param name="messages">In order.</param>
    /// <param name="sequenceNumbers">Gets one number per message when not null.</param>
    /// <param name="reserved">A number per message that <see cref="MessageStore.ReserveNumbers"/> gave out, for those that are still to be
    /// scheduled; null for new ones.</param>
    void SendLocked(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers, IReadOnlyList<long>? reserved = null);

    /// <summary>Stores messages, all of them or none. A duplicate counts as stored.</summary>
    /// <param name="messages">In order.</param>
    /// <param name="sequenceNumbers">Gets one number per message when not null.</param>
    EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers);
}
