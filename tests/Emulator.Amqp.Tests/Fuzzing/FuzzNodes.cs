using Emulator.Amqp.State;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// What stands behind a connection that is fuzzed: the addresses a peer may name, and what becomes of an attach and of a delivery there.
/// </summary>
internal interface IFuzzNodes : IDisposable
{
    /// <summary>Addresses to attach to; null names none.</summary>
    IReadOnlyList<string?> Addresses { get; }

    /// <summary>The condition an attach is refused with; null when it is accepted, or held.</summary>
    string? RefusalOf(string? address, bool isReceiver);

    /// <summary>Whether an attach is left unanswered until <see cref="AnswerHeld"/>.</summary>
    bool IsHeld(string? address);

    /// <summary>Whether deliveries to an address are answered at all.</summary>
    bool Settles(string? address);

    /// <summary>The largest message taken at an address, in bytes.</summary>
    int MaxMessageSizeOf(string? address);

    /// <summary>A payload of about a size.</summary>
    byte[] Payload(FuzzRandom random, int size);

    /// <summary>The condition a delivery to an address is rejected with; null when it is accepted.</summary>
    string? RejectionOf(string? address, ReadOnlySpan<byte> payload);

    /// <summary>The connection's handler.</summary>
    IConnectionHandler Handler();

    /// <summary>Accepts the oldest attach that is held and still wanted; null when there is none.</summary>
    AttachRequest? AnswerHeld();

    /// <summary>After the connection is over: everything that was begun was ended, once.</summary>
    void CheckEnded();
}
