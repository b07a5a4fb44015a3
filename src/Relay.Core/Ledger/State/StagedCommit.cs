using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>
/// What a ledger's commits have written beside its head and nobody has yet put in its place. It stands behind the head, in
/// one blob with it, so that the head's swap makes it durable. Immutable.
/// </summary>
/// <param name="Commit">Number of the commit whose head carries it, from 1.</param>
/// <param name="Puts">Blobs to be put, sorted by byte of their names and distinct.</param>
/// <param name="Deletes">Whole names that the puts supersede, sorted by byte and distinct. What the puts grow from is among them, so they
/// stay until a later head stands on what was published.</param>
/// <param name="Garbage">Whole names that no head needs any more, sorted by byte and distinct: deleted at any time, by anyone.</param>
/// <remarks>
/// <c>relay staged v2\n | commit u64 | puts u32, each: name length u16, name, length u16 and name of what it grows from, its
/// SHA-256 if there is one, content length u32, content | deletes u32, each: name length u16, name | garbage u32, as
/// deletes</c>; numbers big endian, names ASCII.
/// </remarks>
public sealed record StagedCommit(
    long Commit, ImmutableArray<StagedBlob> Puts, ImmutableArray<string> Deletes, ImmutableArray<string> Garbage)
{
    private const int MaxNameBytes = 512;

    /// <summary>First line.</summary>
    public static ReadOnlySpan<byte> Magic => "relay staged v2\n"u8;

    /// <summary>Nothing staged.</summary>
    public static StagedCommit Empty { get; } = new(0, [], [], []);

    /// <summary>True when there is nothing in it to be put or deleted.</summary>
    public bool IsEmpty => Puts.IsEmpty && Deletes.IsEmpty && Garbage.IsEmpty;

    /// <summary>How many bytes it is.</summary>
    public int Length
    {
        get
        {
            var length = Magic.Length + 20 + LengthOfNames(Deletes) + LengthOfNames(Garbage);
            foreach (var put in Puts) length += LengthOf(put);
            return length;
        }
    }

    /// <summary>Its bytes, written anew each time.</summary>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            var bytes = new byte[Length];
            CopyTo(bytes);
            return bytes;
        }
    }

    /// <summary>What the head says of it.</summary>
    public Digest Digest
    {
        get
        {
            var length = Length;
            var bytes = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                CopyTo(bytes);
                return Digest.Of(bytes.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    /// <summary>The put of a name; null when there is none.</summary>
    public StagedBlob? Find(string name) => At(IndexOf(name)) is { } put && put.Name == name ? put : null;

    /// <summary>The put of a place of which there are partial versions: the full one, or the one that is not full.</summary>
    /// <param name="fullName">Name of the full one; partial ones go on with <c>.p/{width}</c>.</param>
    public StagedBlob? FindPlace(string fullName) =>
        Find(fullName)
            ?? (At(IndexOf(fullName + ".p/")) is { } put && put.Name.StartsWith(fullName + ".p/", StringComparison.Ordinal) ? put : null);

    /// <summary>This and then what a later commit writes.</summary>
    public StagedCommit Then(StagedCommit next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var grown = new bool[Puts.Length];
        foreach (var put in next.Puts)
        {
            if (put.After is { } before && PositionOf(before.Name) is >= 0 and var position) grown[position] = true;
        }

        var puts = ImmutableArray.CreateBuilder<StagedBlob>(Puts.Length + next.Puts.Length);
        var kept = 0;
        foreach (var put in next.Puts)
        {
            for (; kept < Puts.Length && string.CompareOrdinal(Puts[kept].Name, put.Name) is <= 0 and var order; kept++)
            {
                if (order < 0 && !grown[kept]) Add(Puts[kept]);
            }

            Add(put.After is { } before && Find(before.Name) is { } start ? Grow(start, put) : put);
        }

        for (; kept < Puts.Length; kept++)
        {
            if (!grown[kept]) Add(Puts[kept]);
        }

        var deletes = next.Deletes.RemoveAll(name => PositionOf(name) is >= 0 and var position && grown[position]);
        return new StagedCommit(next.Commit, puts.DrainToImmutable(), Join(Deletes, deletes), Join(Garbage, next.Garbage));

        void Add(StagedBlob put)
        {
            // Deleted all the same: somebody may have published it who then lost the swap.
            if (next.Garbage.IsEmpty || next.Garbage.BinarySearch(put.Name, StringComparer.Ordinal) < 0) puts.Add(put);
        }
    }

    // What was never in a place of its own grows here.
    private static StagedBlob Grow(StagedBlob start, StagedBlob put) =>
        new(put.Name, (byte[])[.. start.Content.Span, .. put.Content.Span], start.After);

    // Of two that are sorted and distinct.
    private static ImmutableArray<string> Join(ImmutableArray<string> one, ImmutableArray<string> other)
    {
        if (other.IsEmpty) return one;
        if (one.IsEmpty) return other;
        var both = ImmutableArray.CreateBuilder<string>(one.Length + other.Length);
        for (int i = 0, j = 0; i < one.Length || j < other.Length;)
        {
            var order = i == one.Length ? 1 : j == other.Length ? -1 : string.CompareOrdinal(one[i], other[j]);
            both.Add(order <= 0 ? one[i] : other[j]);
            if (order <= 0) i++;
            if (order >= 0) j++;
        }

        return both.DrainToImmutable();
    }

    /// <summary>What is left of this once all is in its place but some that nothing grows from.</summary>
    /// <param name="left">Puts that stay staged.</param>
    public StagedCommit Published(ImmutableArray<StagedBlob> left) =>
        new(Commit, left, [], Join(Deletes, Garbage));

    /// <summary>What is left of this when some of it is in its place.</summary>
    /// <param name="names">Names that are.</param>
    public StagedCommit Without(IReadOnlySet<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return Puts.Any(put => names.Contains(put.Name))
            ? new StagedCommit(Commit, Puts.RemoveAll(put => names.Contains(put.Name)), Deletes, Garbage)
            : this;
    }

    /// <summary>
    /// Reads the bytes; whether they are those that the head names is for their hash to tell. Never throws on bad input.
    /// </summary>
    /// <param name="bytes">All of them; the puts are slices of it.</param>
    /// <param name="staged">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out StagedCommit? staged, out string error)
    {
        var reader = new Reader(bytes);
        staged = reader.Read();
        error = staged is null ? $"expected a staged commit, got something else at byte {reader.Position} of {bytes.Length}" : "";
        return staged is not null;
    }

    // Of a put's name; -1 when there is none.
    private int PositionOf(string name) => IndexOf(name) is var index && At(index)?.Name == name ? index : -1;

    private StagedBlob? At(int index) => index < Puts.Length ? Puts[index] : null;

    // Of the first put whose name is not below this one.
    private int IndexOf(string name)
    {
        var (low, high) = (0, Puts.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(Puts[middle].Name, name) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static int LengthOf(StagedBlob put) =>
        8 + put.Name.Length + put.Content.Length + (put.After is { } after ? after.Name.Length + Digest.Size : 0);

    private static int LengthOfNames(ImmutableArray<string> names)
    {
        var length = 0;
        foreach (var name in names) length += 2 + name.Length;
        return length;
    }

    /// <summary>Writes its bytes.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    internal void CopyTo(Span<byte> destination)
    {
        var writer = new Writer(destination);
        writer.Bytes(Magic);
        writer.Long(Commit);
        writer.Int(Puts.Length);
        foreach (var put in Puts)
        {
            writer.Name(put.Name);
            writer.Base(put.After);
            writer.Int(put.Content.Length);
            writer.Bytes(put.Content.Span);
        }

        writer.Names(Deletes);
        writer.Names(Garbage);
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

        public void Base(StagedBase? after)
        {
            Name(after?.Name ?? "");
            if (after is null) return;
            after.Digest.CopyTo(_rest);
            _rest = _rest[Digest.Size..];
        }

        public void Names(ImmutableArray<string> names)
        {
            Int(names.Length);
            foreach (var name in names) Name(name);
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
                if (!TryName(out var name) || name.Length == 0 || !TryBase(out var after)) return null;
                if (!TryInt(out var length) || length > bytes.Length - Position) return null;
                if (puts.Count > 0 && string.CompareOrdinal(puts[^1].Name, name) >= 0) return null;
                puts.Add(new StagedBlob(name, bytes.Slice(Position, length), after));
                Position += length;
            }

            return TryNames(out var deletes) && TryNames(out var garbage) && Position == bytes.Length
                ? new StagedCommit(commit, puts.DrainToImmutable(), deletes, garbage)
                : null;
        }

        private bool TryBase(out StagedBase? after)
        {
            after = null;
            if (!TryName(out var name)) return false;
            if (name.Length == 0) return true;
            if (bytes.Length - Position < Digest.Size) return false;
            after = new StagedBase(name, new Digest(bytes.Span.Slice(Position, Digest.Size)));
            Position += Digest.Size;
            return true;
        }

        private bool TryNames(out ImmutableArray<string> names)
        {
            names = [];
            if (!TryInt(out var count) || count > bytes.Length) return false;
            var read = ImmutableArray.CreateBuilder<string>();
            for (var i = 0; i < count; i++)
            {
                if (!TryName(out var name) || name.Length == 0) return false;
                if (read.Count > 0 && string.CompareOrdinal(read[^1], name) >= 0) return false;
                read.Add(name);
            }

            names = read.DrainToImmutable();
            return true;
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
            if (length > MaxNameBytes || length > bytes.Length - Position - 2) return false;
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
/// <param name="Content">Its bytes; of one that grew, those that it grew by.</param>
/// <param name="After">The published blob whose bytes come before <paramref name="Content"/>; null when that is all.</param>
public sealed record StagedBlob(string Name, ReadOnlyMemory<byte> Content, StagedBase? After = null)
{
    /// <summary>The whole content.</summary>
    /// <param name="start">Bytes of <see cref="After"/>.</param>
    /// <param name="content">Empty when false.</param>
    /// <returns>False for other bytes than those it grew from.</returns>
    public bool TryGrow(ReadOnlyMemory<byte> start, out ReadOnlyMemory<byte> content)
    {
        content = default;
        if (After is null || Digest.Of(start.Span) != After.Digest) return false;
        content = (byte[])[.. start.Span, .. Content.Span];
        return true;
    }
}

/// <summary>What a staged blob grows from.</summary>
/// <param name="Name">Whole name of a published blob.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
public sealed record StagedBase(string Name, Digest Digest);
