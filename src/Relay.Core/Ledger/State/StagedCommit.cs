using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Core.Ledger.State;

/// <summary>What a commit writes beside its head, as kept in its staging blob until it is published. Immutable.</summary>
/// <param name="Commit">Number of the commit, from 1.</param>
/// <param name="Puts">Blobs to be put, whole names, sorted by byte and distinct.</param>
/// <param name="Deletes">Blobs that the puts supersede, whole names, sorted
/// by byte and distinct; deleted after the puts and the checkpoint.</param>
/// <remarks>
/// <c>relay staging v1\n | commit u64 | puts u32, each: name length u16, name,
/// content length u32, content | deletes u32, each: name length u16, name</c>;
/// numbers big endian, names ASCII.
/// </remarks>
public sealed record StagedCommit(long Commit, ImmutableArray<StagedBlob> Puts, ImmutableArray<string> Deletes)
{
    /// <summary>
    /// Longest staging blob: 64 MiB. A group has at most 4 MiB of envelopes and 256 entries of 8 KiB, their tiles double it.
    /// </summary>
    public const int MaxBytes = 64 * 1_024 * 1_024;

    private const int MaxNameBytes = 512;

    private static ReadOnlySpan<byte> Magic => "relay staging v1\n"u8;

    /// <summary>The blob's content.</summary>
    public byte[] ToBytes()
    {
        var length = Magic.Length + 16;
        foreach (var put in Puts)
        {
            length += 6 + put.Name.Length + put.Content.Length;
        }

        foreach (var name in Deletes)
        {
            length += 2 + name.Length;
        }

        var bytes = new byte[length];
        var writer = new Writer(bytes);
        writer.Bytes(Magic);
        writer.Long(Commit);
        writer.Int(Puts.Length);
        foreach (var put in Puts)
        {
            writer.Name(put.Name);
            writer.Int(put.Content.Length);
            writer.Bytes(put.Content.Span);
        }

        writer.Int(Deletes.Length);
        foreach (var name in Deletes)
        {
            writer.Name(name);
        }

        return bytes;
    }

    /// <summary>
    /// Reads a staging blob; whether it is the one that the head names is for its hash to tell. Never throws on bad input.
    /// </summary>
    /// <param name="bytes">The whole content; the puts are slices of it.</param>
    /// <param name="staged">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out StagedCommit? staged, out string error)
    {
        var reader = new Reader(bytes);
        staged = reader.Read();
        error = staged is null ? $"expected a staged commit, got something else at byte {reader.Position} of {bytes.Length}" : "";
        return staged is not null;
    }

    private ref struct Writer(Span<byte> rest)
    {
        private Span<byte> _rest = rest;

        public void Bytes(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_rest);
            _rest = _rest[bytes.Length..];
        }

        public void Long(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_rest, value);
            _rest = _rest[8..];
        }

        public void Int(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_rest, value);
            _rest = _rest[4..];
        }

        public void Name(string name)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_rest, (ushort)name.Length);
            _rest = _rest[2..];
            _rest = _rest[Encoding.ASCII.GetBytes(name, _rest)..];
        }
    }

    private struct Reader(ReadOnlyMemory<byte> bytes)
    {
        public int Position { get; private set; }

        public StagedCommit? Read()
        {
            if (!bytes.Span.StartsWith(Magic)) return null;
            Position = Magic.Length;
            if (!TryLong(out var commit) || commit < 1) return null;
            if (!TryInt(out var count) || count > bytes.Length) return null;
            var puts = ImmutableArray.CreateBuilder<StagedBlob>();
            for (var i = 0; i < count; i++)
            {
                if (!TryName(out var name) || !TryInt(out var length) || length > bytes.Length - Position) return null;
                if (puts.Count > 0 && string.CompareOrdinal(puts[^1].Name, name) >= 0) return null;
                puts.Add(new StagedBlob(name, bytes.Slice(Position, length)));
                Position += length;
            }

            if (!TryInt(out count) || count > bytes.Length) return null;
            var deletes = ImmutableArray.CreateBuilder<string>();
            for (var i = 0; i < count; i++)
            {
                if (!TryName(out var name) || (deletes.Count > 0 && string.CompareOrdinal(deletes[^1], name) >= 0)) return null;
                deletes.Add(name);
            }

            return Position == bytes.Length ? new StagedCommit(commit, puts.DrainToImmutable(), deletes.DrainToImmutable()) : null;
        }

        private bool TryLong(out long value)
        {
            value = 0;
            if (bytes.Length - Position < 8) return false;
            value = BinaryPrimitives.ReadInt64BigEndian(bytes.Span[Position..]);
            Position += 8;
            return true;
        }

        private bool TryInt(out int value)
        {
            value = 0;
            if (bytes.Length - Position < 4) return false;
            value = BinaryPrimitives.ReadInt32BigEndian(bytes.Span[Position..]);
            Position += 4;
            return value >= 0;
        }

        private bool TryName(out string name)
        {
            name = "";
            if (bytes.Length - Position < 2) return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[Position..]);
            if (length is 0 or > MaxNameBytes || length > bytes.Length - Position - 2) return false;
            var text = bytes.Span.Slice(Position + 2, length);
            if (text.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return false;
            name = Encoding.ASCII.GetString(text);
            Position += 2 + length;
            return true;
        }
    }
}

/// <summary>One blob of a <see cref="StagedCommit"/>.</summary>
/// <param name="Name">Whole name, ASCII.</param>
/// <param name="Content">Its bytes.</param>
public sealed record StagedBlob(string Name, ReadOnlyMemory<byte> Content);
