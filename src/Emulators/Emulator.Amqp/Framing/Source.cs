using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Where a link takes messages from. AMQP 1.0 part 3, 3.5.3.</summary>
public sealed record Source
{
    /// <summary>Node address; usually a string.</summary>
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

    /// <summary>move or copy.</summary>
    public AmqpSymbol? DistributionMode { get; init; }

    /// <summary>Filters by name; values may be bare or described.</summary>
    public AmqpMap? Filter { get; init; }

    /// <summary>Outcome for deliveries settled without one.</summary>
    public DeliveryState? DefaultOutcome { get; init; }

    /// <summary>Outcomes that may be used on the link.</summary>
    public AmqpSymbol[]? Outcomes { get; init; }

    /// <summary>Capabilities of the source.</summary>
    public AmqpSymbol[]? Capabilities { get; init; }
}
