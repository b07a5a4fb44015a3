using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Pending;

/// <summary>
/// A blob of what waits for more signatures: one line that says since when, then the envelope with those it has. Immutable.
/// </summary>
/// <param name="Since">When the first copy came, whole milliseconds.</param>
/// <param name="ReturnedAt">When it was put back on its queue, to be ruled on there; null when it was not.</param>
/// <param name="Envelope">The envelope with every signature that has counted.</param>
/// <remarks><c>relay/pending/v1 {since, unix milliseconds} {returned, unix milliseconds; 0 for not}</c>, newline, JWS.</remarks>
internal sealed record PendingContent(DateTimeOffset Since, DateTimeOffset? ReturnedAt, Envelope Envelope)
{
    /// <summary>How long the mediators have after the first copy, or after <c>nbf</c> where that is later: 24 h.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private const int MaxLine = 64;

    private static ReadOnlySpan<byte> Kind => "relay/pending/v1 "u8;

    /// <summary>From when nothing more is waited for: <c>exp</c>, or <see cref="Longest"/> where that is earlier.</summary>
    public DateTimeOffset Until
    {
        get
        {
            var head = Envelope.Head;
            var from = head.NotBefore is { } notBefore && notBefore > Since ? notBefore : Since;
            return head.ExpiresAt - from < Longest ? head.ExpiresAt : from + Longest;
        }
    }

    /// <summary>The blob's content.</summary>
    public byte[] ToBytes()
    {
        var line = string.Create(
            CultureInfo.InvariantCulture, $"{Since.ToUnixTimeMilliseconds()} {ReturnedAt?.ToUnixTimeMilliseconds() ?? 0}\n");
        return [.. Kind, .. Encoding.ASCII.GetBytes(line), .. Envelope.Wire.Span];
    }

    /// <summary>Reads a blob's content. Never throws on bad input.</summary>
    /// <param name="bytes">The whole content; the envelope's bytes are a slice of it.</param>
    /// <param name="name">The blob's name, which says whose it is.</param>
    /// <param name="content">Null when false.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, string name, [NotNullWhen(true)] out PendingContent? content)
    {
        content = null;
        var span = bytes.Span;
        var end = span[..Math.Min(span.Length, MaxLine)].IndexOf((byte)'\n');
        if (end < 0 || !span.StartsWith(Kind)) return false;
        var line = span[Kind.Length..end];
        if (!TryReadTime(ref line, (byte)' ', out var since) || !TryReadTime(ref line, null, out var returned)) return false;
        // Whatever limit it was taken under: it is bounded by what a blob is.
        var limits = EnvelopeLimits.Default with { MaxWireBytes = int.MaxValue };
        if (!Envelope.TryParse(bytes[(end + 1)..], limits, out var envelope, out _, out _)) return false;
        if (LedgerPaths.Pending(envelope.Id, envelope.Digest) != name) return false;
        content = new PendingContent(since, returned == DateTimeOffset.UnixEpoch ? null : returned, envelope);
        return content.ToBytes().AsSpan().SequenceEqual(span);
    }

    private static bool TryReadTime(ref ReadOnlySpan<byte> line, byte? ends, out DateTimeOffset time)
    {
        time = default;
        if (!Utf8Parser.TryParse(line, out long milliseconds, out var read)) return false;
        if (milliseconds < 0 || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return false;
        line = line[read..];
        if (ends is { } end)
        {
            if (line.IsEmpty || line[0] != end) return false;
            line = line[1..];
        }
        else if (!line.IsEmpty)
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }
}
