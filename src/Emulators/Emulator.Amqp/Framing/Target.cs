using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Where a link puts messages: a <see cref="Target"/> or a transaction <see cref="Coordinator"/>.</summary>
public abstract record AttachTarget
{
    private protected AttachTarget()
    {
    }
}

/// <summary>A node that takes messages. AMQP 1.0 part 3, 3.5.4.</summary>
public sealed record Target : AttachTarget
{
    /// <summary>Node address.</summary>
    public string? Address { get; init; }

    /// <summary>terminus-durability: 0 none, 1 configuration, 2 unsettled-state.</summary>
    public uint? Durable { get; init; }

    /// <summary>terminus-expiry-policy.</summary>
    public AmqpSymbol? ExpiryPolicy { get; init; }

    /// <summary>Seconds until an unused terminus may be discarded.</summary>
    public uint? Timeout { get; init; }

    /// <summary>Asks for a node made on demand.</summary>
    public bool? Dynamic { get; init; }

    /// <summary>Properties of the dynamic node.</summary>
    public AmqpMap? DynamicNodeProperties { get; init; }

    /// <summary>Capabilities of the target.</summary>
    public AmqpSymbol[]? Capabilities { get; init; }
}

/// <summary>The transaction coordinator. AMQP 1.0 part 4, 4.5.1.</summary>
/// <param name="Capabilities">For instance amqp:local-transactions; may be null.</param>
public sealed record Coordinator(AmqpSymbol[]? Capabilities = null) : AttachTarget;
