using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Relay.Testing.Amqp;

/// <summary>How a sender is attached.</summary>
public sealed record AmqpSenderOptions
{
    /// <summary>Link name; null makes a unique one.</summary>
    public string? Name { get; init; }

    /// <summary>Where to send: <see cref="Framing.Target"/> or <see cref="Coordinator"/>.</summary>
    public required AttachTarget Target { get; init; }

    /// <summary>Our source; null sends one without fields.</summary>
    public Source? Source { get; init; }

    /// <summary>snd-settle-mode; null sends none.</summary>
    public byte? SndSettleMode { get; init; }

    /// <summary>Link properties, such as com.microsoft:timeout.</summary>
    public AmqpMap? Properties { get; init; }

    /// <summary>Session to attach on; null begins one that ends with the sender.</summary>
    public AmqpSession? Session { get; init; }
}
