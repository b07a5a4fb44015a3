namespace Emulator.Amqp.Types;

/// <summary>An array of ubyte, kept apart from binary, to which <see cref="byte"/> arrays and memory map.</summary>
/// <param name="Items">The elements.</param>
public sealed record AmqpUByteArray(ReadOnlyMemory<byte> Items);
