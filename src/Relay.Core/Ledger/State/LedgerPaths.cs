using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>Names of a ledger's blobs. Pure text: whether a blob is there is for the store to say.</summary>
/// <remarks>
/// Everything of a negotiation lies below <c>{negotiation}/</c>. Digests in names are
/// 64 lower-case hexadecimal digits. A name of a blob that is not <c>head</c>,
/// <c>checkpoint</c> or pending never gets another content, so writing one again is harmless, and one that was
/// superseded is never needed again.
/// </remarks>
public static class LedgerPaths
{
    /// <summary>Envelopes whose indices share one stream chunk: 256.</summary>
    public const int ChunkWidth = 256;

    // A negotiation's name never begins with a dot, so these lie below no negotiation.
    private const string Markers = ".negotiations/";
    private const string Waiting = ".pending/";

    /// <summary>Prefix of the markers, one for each ledger that was ever begun.</summary>
    public static string MarkerPrefix => Markers;

    /// <summary>Empty blob that says that the negotiation has a ledger.</summary>
    public static string Marker(string negotiation) => Markers + negotiation;

    /// <summary>The negotiation of a marker; false when the name is not one.</summary>
    public static bool TryParseMarker(string name, [NotNullWhen(true)] out string? negotiation)
    {
        ArgumentNullException.ThrowIfNull(name);
        negotiation = name.StartsWith(Markers, StringComparison.Ordinal) && RelayName.IsValid(name.AsSpan(Markers.Length))
            ? name[Markers.Length..]
            : null;
        return negotiation is not null;
    }

    /// <summary>Prefix of everything of a negotiation.</summary>
    public static string Prefix(string negotiation) => negotiation + "/";

    /// <summary>The head.</summary>
    public static string Head(string negotiation) => negotiation + "/head";

    /// <summary>The newest checkpoint, a signed note.</summary>
    public static string Checkpoint(string negotiation) => negotiation + "/checkpoint";

    /// <summary>The certificate of a checkpoint key, compact JWS.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="keyId"><see cref="NoteKey.KeyId"/>.</param>
    public static string Certificate(string negotiation, uint keyId) =>
        string.Create(CultureInfo.InvariantCulture, $"{negotiation}/certificate/{keyId:x8}");

    /// <summary>True for a name of a <see cref="Certificate"/>.</summary>
    public static bool IsCertificate(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains("/certificate/", StringComparison.Ordinal);
    }

    /// <summary>A tile of hashes or a bundle of entries.</summary>
    public static string Tile(string negotiation, TileId tile) => $"{negotiation}/{tile.Path}";

    /// <summary>Which chunk of a stream holds a sequence's index: (sequence - 1) / 256.</summary>
    public static long ChunkOf(long sequence) => (sequence - 1) / ChunkWidth;

    /// <summary>A stream's chunk: ledger indices of sequences from <c>chunk * 256 + 1</c> on, eight bytes each, big endian.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="chunk">From 0.</param>
    /// <param name="width">1 to 256 indices.</param>
    public static string Chunk(StreamId stream, long chunk, int width)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{stream.Negotiation}/stream/{StreamName(stream)}/{chunk:D8}");
        return width == ChunkWidth ? name : string.Create(CultureInfo.InvariantCulture, $"{name}.p/{width}");
    }

    /// <summary>The chunk that holds a sequence when <paramref name="last"/> is the stream's last.</summary>
    public static string ChunkAt(StreamId stream, long sequence, long last)
    {
        var chunk = ChunkOf(sequence);
        return Chunk(stream, chunk, (int)Math.Min(ChunkWidth, last - chunk * ChunkWidth));
    }

    /// <summary>An envelope that waits for the gap before it.</summary>
    /// <param name="id">The envelope.</param>
    /// <param name="content">SHA-256 of the blob's content.</param>
    public static string Held(EnvelopeId id, in Digest content) =>
        string.Create(CultureInfo.InvariantCulture, $"{HeldOf(id.Negotiation)}{StreamName(id.Stream)}/{id.Sequence}-{Hex(content)}");

    /// <summary>Prefix of the envelopes of a negotiation that wait for a gap.</summary>
    public static string HeldOf(string negotiation) => negotiation + "/held/";

    /// <summary>The wire bytes behind an evidence entry.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="came">The entry's <c>came</c>: digest of the envelope.</param>
    public static string Evidence(string negotiation, in Digest came) => $"{negotiation}/evidence/{Hex(came)}";

    /// <summary>Ledger index, eight bytes, big endian, of a delegation's acknowledgement of an envelope.</summary>
    public static string Acknowledged(EnvelopeId id, string delegation) =>
        string.Create(CultureInfo.InvariantCulture, $"{id.Negotiation}/acknowledged/{StreamName(id.Stream)}/{id.Sequence}-{delegation}");

    /// <summary>Who has which one-time keys of a delegation; it grows by rows until the next bundle.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="delegation">Whose keys.</param>
    /// <param name="entry">Ledger index of the bundle.</param>
    /// <param name="rows">From 1.</param>
    public static string Claims(string negotiation, string delegation, long entry, int rows) =>
        string.Create(CultureInfo.InvariantCulture, $"{negotiation}/claims/{delegation}/{entry:D8}.p/{rows}");

    /// <inheritdoc cref="Claims(string, string, long, int)"/>
    public static string Claims(string negotiation, PrekeyState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Claims(negotiation, state.Delegation, state.Entry, state.Rows);
    }

    /// <summary>The negotiation document that entries of this policy digest were judged by.</summary>
    public static string Policy(string negotiation, in Digest digest) => $"{negotiation}/policy/{Hex(digest)}";

    /// <summary>Prefix of all envelopes that wait for more signatures.</summary>
    public static string PendingPrefix => Waiting;

    /// <summary>Prefix of those of a negotiation.</summary>
    public static string PendingOf(string negotiation) => $"{Waiting}{negotiation}/";

    /// <summary>Prefix of those of an envelope id.</summary>
    public static string PendingOf(EnvelopeId id) =>
        string.Create(CultureInfo.InvariantCulture, $"{Waiting}{id.Negotiation}/{StreamName(id.Stream)}/{id.Sequence}-");

    /// <summary>An envelope that waits for more signatures; replaced as they come, and no part of the ledger.</summary>
    /// <param name="id">The envelope.</param>
    /// <param name="digest">Digest of the envelope.</param>
    public static string Pending(EnvelopeId id, in Digest digest) => PendingOf(id) + Hex(digest);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Hex(in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        digest.CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Reads what <see cref="Hex"/> writes; false for anything else.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out Digest digest)
    {
        digest = default;
        if (text.Length != 2 * Digest.Size || text.ContainsAnyInRange('A', 'F')) return false;
        Span<byte> bytes = stackalloc byte[Digest.Size];
        if (Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        digest = new Digest(bytes);
        return true;
    }

    /// <summary>The tiles, bundle, chunks and pages of claims of a state that are not full.</summary>
    public static IEnumerable<string> PartialsOf(string negotiation, LedgerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        for (var level = 0; level * TileId.Height < 63 && state.Size >> (level * TileId.Height) is > 0 and var hashes; level++)
        {
            if (hashes % TileId.FullWidth == 0) continue;
            yield return Tile(negotiation, TileId.Of(level, hashes / TileId.FullWidth, state.Size));
            if (level == 0) yield return Tile(negotiation, TileId.Of(TileId.EntriesLevel, hashes / TileId.FullWidth, state.Size));
        }

        foreach (var stream in state.Streams)
        {
            if (stream.Last % ChunkWidth == 0) continue;
            yield return ChunkAt(new StreamId(negotiation, stream.Sender, stream.Lane), stream.Last, stream.Last);
        }

        foreach (var prekeys in state.Prekeys)
        {
            if (prekeys.Rows > 0) yield return Claims(negotiation, prekeys);
        }
    }

    /// <summary>True for a version of a tile, chunk or page of claims that is not full: it goes once a wider one is there.</summary>
    public static bool IsPartial(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains(".p/", StringComparison.Ordinal);
    }

    private static string StreamName(StreamId stream) => $"{stream.Sender}-{stream.Lane.ToText()}";
}
