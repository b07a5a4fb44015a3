using Relay.Protocol.Envelopes;

namespace Relay.Protocol.Sealing;

/// <summary>What a sender says to the addressees of one envelope, before it is signed and sealed.</summary>
public sealed record StatementDraft
{
    /// <summary>The envelope that will carry it.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>The envelope's addressees, same names in the same order.</summary>
    public required IReadOnlyList<string> Audience { get; init; }

    /// <summary>Media type of the body, 1 to 128 printable ASCII characters.</summary>
    public required string ContentType { get; init; }

    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }
}
