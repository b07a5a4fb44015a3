using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>A head as the checker reads it; whether it is signed and true is for others.</summary>
internal sealed class CheckedHead
{
    // Runs are taken apart: not without a bound.
    private const int MaxOutstanding = 65_536;

    private CheckedHead(string origin, JsonElement json)
    {
        Origin = origin;
        Commit = json.GetProperty("commit").GetInt64();
        Size = json.GetProperty("size").GetInt64();
        Root = DigestOf(json.GetProperty("root"));
        Range = json.GetProperty("range").GetBytesFromBase64();
        At = json.GetProperty("at").GetInt64();
        PolicyVersion = json.GetProperty("policy").GetProperty("version").GetInt64();
        PolicyDigest = DigestOf(json.GetProperty("policy").GetProperty("digest"));
        foreach (var stream in json.GetProperty("streams").EnumerateArray())
        {
            Streams.Add(new Stream(
                $"{stream.GetProperty("sender").GetString()}-{stream.GetProperty("lane").GetString()}",
                stream.GetProperty("sender").GetString() + "/" + stream.GetProperty("lane").GetString(),
                stream.GetProperty("last").GetInt64(),
                DigestOf(stream.GetProperty("digest")),
                DigestOf(stream.GetProperty("chunk")),
                [
                    .. stream.GetProperty("held")
                        .EnumerateArray()
                        .Select(item => new HeldItem(item[0].GetInt64(), DigestOf(item[1]), DigestOf(item[2]))),
                ]));
        }

        foreach (var item in json.GetProperty("outstanding").EnumerateArray())
        {
            if (item.GetArrayLength() == 5)
            {
                Outstanding.Add(new OutstandingItem(item[0].GetInt64(), item[2].GetInt32(), item[3].GetInt64(), DigestOf(item[4])));
                continue;
            }

            var count = item[1].GetInt32();
            if (count < 1 || count > MaxOutstanding - Outstanding.Count) throw new FormatException("too many outstanding entries, or none");
            for (var i = 0; i < count; i++) Outstanding.Add(new OutstandingItem(item[0].GetInt64() + i, -1, 0, default));
        }

        if (json.TryGetProperty("prekeys", out var prekeys))
        {
            foreach (var item in prekeys.EnumerateArray())
            {
                Prekeys.Add(
                    item[0].GetString() ?? "",
                    new PrekeyItem(
                        item[1].GetInt64(),
                        DigestOf(item[2]),
                        item[3].GetInt64(),
                        item[4].GetInt32(),
                        item[5].GetInt32(),
                        item[7].GetInt64(),
                        item[8].GetInt64(),
                        item[9].GetInt32(),
                        DigestOf(item[10])));
            }
        }

        Due =
        [
            .. json.GetProperty("streams").EnumerateArray().Append(json)
                .Where(static item => item.TryGetProperty("due", out _))
                .Select(static item => item.GetProperty("due").GetInt64()),
        ];
        Mode = json.TryGetProperty("mode", out var mode) ? mode.GetString() ?? "" : "open";
        Staged = json.GetProperty("staged") is { ValueKind: not JsonValueKind.Null } staged ? DigestOf(staged) : null;
        Checkpoint = json.GetProperty("checkpoint").GetBytesFromBase64();
        Certificate = json.GetProperty("certificate").GetString() ?? "";
    }

    public string Origin { get; }

    public long Commit { get; }

    public long Size { get; }

    public Digest Root { get; }

    public byte[] Range { get; }

    public long At { get; }

    public long PolicyVersion { get; }

    public Digest PolicyDigest { get; }

    public List<Stream> Streams { get; } = [];

    public List<OutstandingItem> Outstanding { get; } = [];

    /// <summary>Bundles of prekeys in force, by delegation.</summary>
    public Dictionary<string, PrekeyItem> Prekeys { get; } = new(StringComparer.Ordinal);

    /// <summary>Where streams, or all together, are ahead of their rate: when the next comes, in microseconds since 1970.</summary>
    public long[] Due { get; }

    /// <summary>The operator's mode, as mode entries name it.</summary>
    public string Mode { get; }

    /// <summary>Digest of what stands behind the note; null for nothing.</summary>
    public Digest? Staged { get; }

    public byte[] Checkpoint { get; }

    public string Certificate { get; }

    public static CheckedHead? Parse(CheckedNote note, out string problem)
    {
        problem = "expected the lines 'relay head v2', an origin and JSON, got something else";
        if (note.Lines is not ["relay head v2", var origin, var text]) return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            return new CheckedHead(origin, json.RootElement);
        }
        catch (Exception e) when (
            e is JsonException
                or KeyNotFoundException
                or InvalidOperationException
                or FormatException
                or IndexOutOfRangeException
                or ArgumentException)
        {
            problem = $"expected the JSON of a head, got something else: {e.Message}";
            return null;
        }
    }

    private static Digest DigestOf(JsonElement value) =>
        CheckText.TryUrlDigest(value.GetString(), out var digest) ? digest : throw new FormatException("a digest in base64url is none");

    /// <param name="Name"><c>{sender}-{lane}</c>.</param>
    /// <param name="Path"><c>{sender}/{lane}</c>.</param>
    /// <param name="Last">Highest logged sequence.</param>
    /// <param name="Digest">Of that envelope.</param>
    /// <param name="Chunk">Hash of the newest chunk.</param>
    /// <param name="Held">What waits.</param>
    internal sealed record Stream(string Name, string Path, long Last, Digest Digest, Digest Chunk, HeldItem[] Held);

    internal readonly record struct HeldItem(long Sequence, Digest Digest, Digest Blob);

    /// <param name="Number">Of the bundle.</param>
    /// <param name="Bundle">Its digest.</param>
    /// <param name="First">Its first one-time key.</param>
    /// <param name="Count">One-time keys in it.</param>
    /// <param name="Left">Those not handed out.</param>
    /// <param name="Entry">Index of its entry.</param>
    /// <param name="Last">Index of the last entry of the chain.</param>
    /// <param name="Rows">Keys that are remembered.</param>
    /// <param name="Claims">Hash of who has them.</param>
    internal sealed record PrekeyItem(
        long Number, Digest Bundle, long First, int Count, int Left, long Entry, long Last, int Rows, Digest Claims);

    /// <param name="Index">Of the entry.</param>
    /// <param name="Stream">Position among the streams when it was held before, else -1.</param>
    /// <param name="Sequence">Its sequence then.</param>
    /// <param name="Blob">Hash of its held blob then.</param>
    internal readonly record struct OutstandingItem(long Index, int Stream, long Sequence, Digest Blob);
}
