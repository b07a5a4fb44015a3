namespace Relay.Client.Delegations;

/// <summary>How an envelope fits its stream, and the receipt of the envelope it does not fit.</summary>
/// <param name="Continuity">How it fits.</param>
/// <param name="OtherReceipt">Receipt of the other envelope, when <paramref name="Continuity"/>
/// is a fault between two and the receipt is still held; else empty.</param>
public readonly record struct StreamObservation(StreamContinuity Continuity, ReadOnlyMemory<byte> OtherReceipt);
