namespace Emulator.ServiceBus.Messages;

/// <summary>What clients are told about a message; the numbers are those of <c>x-opt-message-state</c>.</summary>
internal enum MessageState
{
    Active = 0,
    Deferred = 1,
    Scheduled = 2,
}
