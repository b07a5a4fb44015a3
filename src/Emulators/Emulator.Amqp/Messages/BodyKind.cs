namespace Emulator.Amqp.Messages;

/// <summary>What a message's body is made of. AMQP 1.0 part 3, 3.2.</summary>
public enum BodyKind
{
    /// <summary>No body section.</summary>
    None,

    /// <summary>One or more data sections.</summary>
    Data,

    /// <summary>One or more amqp-sequence sections.</summary>
    Sequence,

    /// <summary>One amqp-value section.</summary>
    Value,
}
