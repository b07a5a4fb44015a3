namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>What bytes were taken for.</summary>
internal readonly record struct CodecReading(bool IsFrame, bool IsValue, bool IsMessage);
