namespace Emulator.ServiceBus.Entities;

/// <summary>The far side of a <see cref="MessageReceiver"/>.</summary>
internal interface IMessageConsumer
{
    /// <summary>
    /// Something was assigned: collect it soon, from another call stack. Called under the gate, so it only leaves a note.
    /// </summary>
    void Wake();

    /// <summary>The session's lock ended. Called under the gate, as <see cref="Wake"/>.</summary>
    void LoseSession()
    {
    }
}
