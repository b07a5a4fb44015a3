using Relay.Core.Rulings;

namespace Relay.Functions.Settlement;

/// <summary>Thrown out of a queue function so that the host abandons the message; the reason has been logged.</summary>
public sealed class MessageNotSettledException : Exception
{
    public MessageNotSettledException(Ruling ruling)
        : base($"{ruling?.Reason}: {ruling?.Description}")
    {
    }
}
