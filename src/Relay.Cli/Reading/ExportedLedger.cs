using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Cli.Reading;

/// <summary>A ledger in the file that the dashboard exports: a log of one checkpoint, which proves as much as one that is served.</summary>
internal sealed class ExportedLedger : ILedgerLog
{
    /// <summary>Most bytes of a file.</summary>
    public const int MaxBytes = 1 << 30;

    private const string Format = "relay-export/v1";

    private readonly SignedCheckpoint _checkpoint;
    private readonly IReadOnlyList<byte[]> _entries;

    private ExportedLedger(string negotiation, SignedCheckpoint checkpoint, IReadOnlyList<byte[]> entries)
    {
        Negotiation = negotiation;
        _checkpoint = checkpoint;
        _entries = entries;
    }

    /// <summary>Whose ledger it says it is; the signed origin has to say so too.</summary>
    public string Negotiation { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="name">Of the file, for what is said of it.</param>
    /// <exception cref="CliFault">It is none.</exception>
    public static ExportedLedger Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            var content = JsonSerializer.Deserialize<Exported>(json, JsonSerializerOptions.Web);
            if (content is not { Format: Format, Checkpoint: { } note, Certificate: { } certificate, Entries: { } entries }
                || !RelayName.IsValid(content.Negotiation))
            {
                throw Wrong(name, $"it says format '{content?.Format}'");
            }
            var (noteBytes, key) = (Encoding.UTF8.GetBytes(note), Encoding.UTF8.GetBytes(certificate));
            if (!SignedCheckpoint.TryParse(noteBytes, key, out var signed, out var error))
            {
                throw Wrong(name, error);
            }
            byte[][] read = [.. entries.Select(Convert.FromBase64String)];
            return signed.Checkpoint.Size == read.Length
                ? new ExportedLedger(content.Negotiation!, signed, read)
                : throw Wrong(name, $"its checkpoint is of {signed.Checkpoint.Size} entries, and it has {read.Length}");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentNullException)
        {
            throw Wrong(name, exception.Message);
        }
    }

    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) => new(_checkpoint);

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) => default;

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) => default;

    // Only bundles of entries: hashes are computed by whoever checks.
    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken)
    {
        var first = tile.Index << TileId.Height;
        if (tile.Level != TileId.EntriesLevel || first + tile.Width > _entries.Count) return default;
        using var bundle = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        foreach (var entry in _entries.Skip((int)first).Take(tile.Width))
        {
            // What is longer is cut off here, and so is no entry.
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)Math.Min(entry.Length, ushort.MaxValue));
            bundle.Write(length);
            bundle.Write(entry.AsSpan(0, Math.Min(entry.Length, ushort.MaxValue)));
        }
        return new(bundle.ToArray());
    }

    private static CliFault Wrong(string name, string detail) =>
        new($"{name} is no export of a ledger: {detail}.", "Expected the file that the dashboard's Export button saves.");

    private sealed record Exported(
        string? Format, string? Negotiation, string? Checkpoint, string? Certificate, IReadOnlyList<string>? Entries);
}
