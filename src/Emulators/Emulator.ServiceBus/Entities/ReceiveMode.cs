namespace Emulator.ServiceBus.Entities;

/// <summary>When a message counts as received.</summary>
internal enum ReceiveMode
{
    /// <summary>Locked until settled.</summary>
    PeekLock,

    /// <summary>Gone when sent.</summary>
    ReceiveAndDelete,
}
