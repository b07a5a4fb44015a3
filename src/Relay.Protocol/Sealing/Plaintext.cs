using System.Buffers.Binary;

namespace Relay.Protocol.Sealing;

/// <summary>What a content encrypts, as read: slices of a secret buffer that its holder wipes.</summary>
/// <remarks>
/// <code>
/// | opening, 32 bytes | length u32 BE | statement | length u32 BE | body | zeros up to the padded size |
/// </code>
/// The body travels as it is: the statement is a JWS whose payload is detached (RFC 7515 appendix F).
/// </remarks>
internal readonly ref struct Plaintext
{
    private const int FixedSize = Commitment.OpeningSize + (2 * sizeof(uint));

    public Plaintext(ReadOnlySpan<byte> opening, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> body)
    {
        Opening = opening;
        Statement = statement;
        Body = body;
    }

    /// <summary>32 bytes.</summary>
    public ReadOnlySpan<byte> Opening { get; }

    /// <summary>Compact JWS without its payload.</summary>
    public ReadOnlySpan<byte> Statement { get; }

    public ReadOnlySpan<byte> Body { get; }

    /// <summary>All parts, padded, in a new array; secret, so the caller wipes it.</summary>
    public static byte[] Write(ReadOnlySpan<byte> opening, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(opening.Length, Commitment.OpeningSize, nameof(opening));
        var padded = new byte[Padme.PaddedSize(checked(FixedSize + statement.Length + body.Length))];
        opening.CopyTo(padded);
        var rest = WritePart(padded.AsSpan(opening.Length), statement);
        WritePart(rest, body);
        return padded;
    }

    /// <summary>False unless the parts fill the text up to zeros, and its size is exactly their padded one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> padded, out Plaintext plaintext)
    {
        plaintext = default;
        if (padded.Length < FixedSize) return false;
        var opening = padded[..Commitment.OpeningSize];
        var rest = padded[Commitment.OpeningSize..];
        if (!TryReadPart(ref rest, out var statement) || !TryReadPart(ref rest, out var body)) return false;
        if (Padme.PaddedSize(padded.Length - rest.Length) != padded.Length || rest.ContainsAnyExcept((byte)0)) return false;
        plaintext = new Plaintext(opening, statement, body);
        return true;
    }

    private static Span<byte> WritePart(Span<byte> destination, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, part.Length);
        part.CopyTo(destination[sizeof(uint)..]);
        return destination[(sizeof(uint) + part.Length)..];
    }

    private static bool TryReadPart(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(rest, out var length) || length > (uint)(rest.Length - sizeof(uint))) return false;
        part = rest.Slice(sizeof(uint), (int)length);
        rest = rest[(sizeof(uint) + (int)length)..];
        return true;
    }
}
