using Emulator.Amqp.Framing;

namespace Relay.Testing.Amqp;

/// <summary>A send whose outcome is awaited; the context of its delivery.</summary>
internal sealed class PendingSend(ReadOnlyMemory<byte> payload, uint messageFormat, DeliveryState? state, bool settled)
    : TaskCompletionSource<DeliveryState>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public uint MessageFormat { get; } = messageFormat;

    public DeliveryState? State { get; } = state;

    public bool Settled { get; } = settled;
}
