namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>A frame that must answer, by the peer's own channel and handle.</summary>
/// <param name="Descriptor">Begin, attach, detach, end, close or open.</param>
/// <param name="Session">Null for a connection's frame.</param>
/// <param name="Link">Null for a session's or connection's frame.</param>
/// <param name="Conditions">Any of these; null when no error may be given.</param>
internal sealed record Answer(ulong Descriptor, ModelSession? Session, ModelLink? Link, params string[]? Conditions)
{
    public override string ToString() =>
        $"0x{Descriptor:x} channel {Session?.Channel} handle {Link?.Handle} "
            + $"{(Conditions is null ? "without error" : string.Join(" or ", Conditions))}";
}
