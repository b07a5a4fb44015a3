namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>
/// What the processor sees of a function that failed. Bare, a cancellation would leave the message locked and a lost lock of some
/// other message would be taken for its own; the Functions host wraps too, and the message is abandoned whatever was thrown.
/// </summary>
internal sealed class FunctionInvocationException(string function, Exception? inner)
    : Exception(inner is null ? $"The host stops: {function} was not started." : $"{function} failed.", inner);
