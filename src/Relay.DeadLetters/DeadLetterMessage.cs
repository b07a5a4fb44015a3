namespace Relay.DeadLetters;

/// <summary>A dead letter with its body.</summary>
/// <param name="Letter">What it is.</param>
/// <param name="Body">The envelope's bytes as they came; empty for a body that is no AMQP data.</param>
/// <param name="Label">What the relay forwarded it with; null for one of a queue.</param>
/// <param name="Lock">What the bus has given it out under; null when it was only looked at.</param>
internal sealed record DeadLetterMessage(DeadLetter Letter, ReadOnlyMemory<byte> Body, ForwardedLabel? Label, object? Lock);
