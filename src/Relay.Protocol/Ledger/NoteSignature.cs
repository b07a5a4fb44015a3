using System.Buffers.Binary;

namespace Relay.Protocol.Ledger;

/// <summary>One signature line of a note, not yet verified.</summary>
/// <param name="Name">Name of the key, without spaces or <c>+</c>.</param>
/// <param name="KeyId">Big-endian number in front of the signature; tells keys of one name apart, proves nothing.</param>
/// <param name="Value">The signature, at least one byte, in whatever form its type has.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    /// <summary>What the line has in base64: key id, then signature.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new byte[sizeof(uint) + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return bytes;
    }
}
