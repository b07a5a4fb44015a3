namespace Emulator.Amqp.Types;

/// <summary>
/// A decimal32, decimal64 or decimal128 that <see cref="decimal"/> cannot hold, as its IEEE 754 bits. AMQP 1.0 part 1, 1.6.13 to 1.6.15.
/// </summary>
/// <param name="Width">4, 8 or 16 bytes.</param>
/// <param name="Bits">The bits, most significant first on the wire.</param>
public readonly record struct AmqpDecimal(int Width, UInt128 Bits);
