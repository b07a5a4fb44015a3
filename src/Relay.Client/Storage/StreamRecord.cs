using System.Text.Json;
using Relay.Client.Delegations;
using Relay.Protocol.Text;

namespace Relay.Client.Storage;

/// <summary>Where a sender's stream stands, as its file says it: <c>{"Sequence":n,"Digest":"...","Made":n}</c>.</summary>
/// <param name="Position">What the next envelope continues.</param>
/// <param name="Made">The highest sequence ever made; above the position's is what has to be made again, because it continues an
/// envelope that was replaced.</param>
public readonly record struct StreamRecord(StreamPosition Position, long Made)
{
    /// <summary>The first sequence that has to be made again before anything new; null when none has.</summary>
    public long? Redo => Made > Position.Sequence ? Position.Sequence + 1 : null;

    /// <summary>Reads what <see cref="ToBytes"/> wrote; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out StreamRecord record)
    {
        record = default;
        try
        {
            if (JsonSerializer.Deserialize<Form>(bytes) is not { Sequence: > 0 } form) return false;
            if (!Digest.TryParse(form.Digest, out var last)) return false;
            record = new StreamRecord(new StreamPosition(form.Sequence, last), Math.Max(form.Sequence, form.Made));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The file's content. There is none for a stream that has not begun.</summary>
    public byte[] ToBytes() => Position.Digest is { } digest
        ? JsonSerializer.SerializeToUtf8Bytes(new Form(Position.Sequence, digest.ToString(), Made))
        : throw new InvalidOperationException("Expected a stream that has begun.");

    private sealed record Form(long Sequence, string Digest, long Made = 0);
}
