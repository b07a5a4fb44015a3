using System.Buffers.Binary;
using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>What ties one ciphertext to one text, whatever keys it is opened with.</summary>
/// <remarks>
/// A256GCM does not commit to its key: one ciphertext and tag can be made that open under two keys to two texts (Dodis, Grubbs,
/// Ristenpart, Woodage, "Fast Message Franking", CRYPTO 2018). The hash in the JWE's protected header, which every addressee sees, does.
/// <code>
/// SHA-256( for each of "relay-com/v1", envelope id, opening, statement, body: length u32 BE | bytes )
/// </code>
/// </remarks>
internal static class Commitment
{
    /// <summary>Bytes of the opening: 32, random, so that the hash says nothing about a text that can be guessed.</summary>
    public const int OpeningSize = 32;

    public static Digest Of(EnvelopeId id, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "relay-com/v1"u8);
        Append(hash, System.Text.Encoding.ASCII.GetBytes(id.ToString()));
        Append(hash, opening);
        Append(hash, statement);
        Append(hash, body);
        Span<byte> value = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(value);
        return new Digest(value);
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
