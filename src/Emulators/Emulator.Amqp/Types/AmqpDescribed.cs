namespace Emulator.Amqp.Types;

/// <summary>A described value whose descriptor is not one of the types of this library. AMQP 1.0 part 1, 1.2.</summary>
/// <param name="Descriptor">Usually a <see cref="ulong"/> or an <see cref="AmqpSymbol"/>.</param>
/// <param name="Value">The underlying value; null is AMQP null.</param>
public sealed record AmqpDescribed(object Descriptor, object? Value);
