using System.Buffers.Binary;

namespace Relay.Protocol.Ledger;

/// <summary>One signature line of a note, not yet verified.</summary>
/// <param name="Name">Name of the key, without spaces or <c>+</c>.</param>
/// <param name="KeyId">Big-endian number in front of the signature; tells keys of one name apart, proves nothing.</param>
/// <param name="Value">The signature, at least one byte, in whatever form its type has.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    /// <summary>Bytes of the number in front of a signature.</summary>
    internal const int KeyIdBytes = sizeof(uint);

    /// <summary>What the line has in base64: key id, then signature.</summary>
    internal byte[] ToBytes()
    {
        var bytes = new byte[KeyIdBytes + Value.Length];
        Write(KeyId, Value.Span, bytes);
        return bytes;
    }

    /// <summary>Writes what a line has in base64.</summary>
    /// <param name="keyId">The number in front.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="destination">As long as both: <see cref="KeyIdBytes"/> more than the signature.</param>
    internal static void Write(uint keyId, ReadOnlySpan<byte> signature, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, keyId);
        signature.CopyTo(destination[KeyIdBytes..]);
    }
}
