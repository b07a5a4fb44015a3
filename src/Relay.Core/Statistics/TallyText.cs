using System.Buffers;
using System.Globalization;
using System.Text;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Statistics;

/// <summary>
/// A window as lines of text: <c>relay tallies 1</c>, then one a negotiation by name, <c>{name} {counter}={count} ...</c>, without zeros.
/// </summary>
/// <remarks>
/// Counters: <c>q.{verdict}</c> ruled on off a queue and <c>h.{verdict}</c> refused over HTTP, by <see cref="VerdictTable"/>'s tags;
/// <c>released</c>; <c>e.{minute}</c> embargoed until a minute since 1970; <c>n.{bucket}</c> and <c>u.{bucket}</c> latencies of
/// the lanes, by <see cref="LatencyTally"/>'s buckets; <c>s.{class}</c> sizes of what was forwarded, by <see cref="SizeTally"/>'s classes.
/// </remarks>
internal static class TallyText
{
    private const string Released = "released";
    private const int MaxDigits = 20;

    // The last minute that a time has.
    private static readonly long MaxMinute = WorkerTallies.MinuteOf(DateTimeOffset.MaxValue);

    private static readonly Dictionary<string, Verdict> Tags =
        Enum.GetValues<Verdict>().ToDictionary(verdict => VerdictTable.For(verdict).Tag);

    private static readonly (Verdict Verdict, byte[] Queued, byte[] Submitted)[] VerdictNames =
        [.. Tags.Select(tag => (tag.Value, Encoding.UTF8.GetBytes($" q.{tag.Key}="), Encoding.UTF8.GetBytes($" h.{tag.Key}=")))];

    private static readonly (Lane Lane, string Prefix, byte[] Name)[] Lanes =
        [(Lane.Normal, "n.", [.. " n."u8]), (Lane.Urgent, "u.", [.. " u."u8])];

    private static ReadOnlySpan<byte> Head => "relay tallies 1\n"u8;

    /// <summary>Writes it; the same window gives the same bytes.</summary>
    public static byte[] Write(TallyWindow window)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(Head);
        foreach (var (negotiation, tally) in window.Negotiations.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Encoding.UTF8.GetBytes(negotiation, text);
            foreach (var (verdict, queued, submitted) in VerdictNames)
            {
                Append(text, queued, tally.Ruled(verdict));
                Append(text, submitted, tally.Refused(verdict));
            }

            Append(text, " released="u8, tally.Released);
            foreach (var (minute, count) in tally.Embargoes) Append(text, " e."u8, minute, count);
            foreach (var (lane, _, name) in Lanes) Append(text, name, tally.Latency(lane));
            Append(text, " s."u8, tally.Sizes);
            text.Write("\n"u8);
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Adds what a text says to a window; false, with the window as it was or added to in part, for what is no such text.
    /// </summary>
    public static bool TryAdd(ReadOnlySpan<byte> content, TallyWindow window) =>
        content.StartsWith(Head) && TryAdd(content[Head.Length..], window.Of);

    /// <summary>Adds what a text says of all negotiations to one tally; false, with a part of it added, for what is no such text.</summary>
    public static bool TryAdd(ReadOnlySpan<byte> content, EnvelopeTally all) =>
        content.StartsWith(Head) && TryAdd(content[Head.Length..], _ => all);

    /// <summary>Lines of a text, one a negotiation.</summary>
    public static TallyLines LinesOf(ReadOnlySpan<byte> content) =>
        new(content.StartsWith(Head) ? content[Head.Length..] : default);

    /// <summary>What one line says; a line of a text that was read whole before.</summary>
    public static EnvelopeTally Read(ReadOnlySpan<byte> line)
    {
        var tally = new EnvelopeTally();
        return TryAdd(line, _ => tally)
            ? tally
            : throw new InvalidOperationException("expected a line of tallies that was read before, got another");
    }

    /// <summary>A negotiation's line, without its end; empty where there is none. Of a text that was read whole before.</summary>
    // Lines are in the order of their names, so the others need not be read: there may be ten thousand.
    public static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> content, string negotiation)
    {
        var name = Encoding.UTF8.GetBytes(negotiation);
        var (low, high) = (Math.Min(Head.Length, content.Length), content.Length);
        while (low < high)
        {
            var start = low + content[low..(low + ((high - low) / 2))].LastIndexOf((byte)'\n') + 1;
            var line = Until(content[start..high], (byte)'\n');
            var order = Until(line, (byte)' ').SequenceCompareTo(name);
            if (order == 0) return line;
            if (order < 0) low = start + line.Length + 1;
            else high = start;
        }

        return default;
    }

    private static bool TryAdd(ReadOnlySpan<byte> lines, Func<string, EnvelopeTally> find)
    {
        foreach (var line in Encoding.UTF8.GetString(lines).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty) continue;
            var space = line.IndexOf(' ');
            var name = space < 0 ? line : line[..space];
            if (!name.SequenceEqual(TallyWindow.Other) && !RelayName.IsValid(name)) return false;
            if (space >= 0 && !TryAddCounters(line[(space + 1)..], find(name.ToString()))) return false;
        }

        return true;
    }

    private static ReadOnlySpan<byte> Until(ReadOnlySpan<byte> text, byte end) =>
        text.IndexOf(end) is >= 0 and var at ? text[..at] : text;

    private static bool TryAddCounters(ReadOnlySpan<char> counters, EnvelopeTally tally)
    {
        foreach (var range in counters.Split(' '))
        {
            var counter = counters[range];
            var equals = counter.IndexOf('=');
            if (equals < 0) return false;
            if (!int.TryParse(counter[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
            if (!TryAdd(counter[..equals], count, tally)) return false;
        }

        return true;
    }

    private static bool TryAdd(ReadOnlySpan<char> name, int count, EnvelopeTally tally)
    {
        if (name.SequenceEqual(Released))
        {
            tally.AddReleased(count);
            return true;
        }

        if (name.Length < 3) return false;
        var prefix = name[..2];
        var rest = name[2..];
        if (prefix is "q." or "h.")
        {
            if (!Tags.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(rest, out var verdict)) return false;
            if (prefix is "q.") tally.AddRuled(verdict, count);
            else tally.AddRefused(verdict, count);
            return true;
        }

        if (prefix is "e.")
        {
            if (!long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var minute) || minute > MaxMinute) return false;
            tally.AddEmbargoed(minute, count);
            return true;
        }

        if (prefix is "s.") return TryAdd(rest, count, tally.SizesToAdd());
        foreach (var (lane, laneText, _) in Lanes)
        {
            if (prefix.SequenceEqual(laneText)) return TryAdd(rest, count, tally.LatencyToAdd(lane));
        }

        return false;
    }

    private static bool TryAdd(ReadOnlySpan<char> number, int count, BucketTally buckets)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var bucket)) return false;
        if (bucket >= buckets.Length) return false;
        buckets.Add(bucket, count);
        return true;
    }

    private static void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> prefix, BucketTally? buckets)
    {
        for (var i = 0; i < buckets?.Length; i++) Append(text, prefix, i, buckets[i]);
    }

    private static void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> prefix, long number, int count)
    {
        if (count <= 0) return;
        text.Write(prefix);
        Append(text, number);
        Append(text, "="u8, count);
    }

    private static void Append(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> name, int count)
    {
        if (count <= 0) return;
        text.Write(name);
        Append(text, count);
    }

    private static void Append(ArrayBufferWriter<byte> text, long number)
    {
        number.TryFormat(text.GetSpan(MaxDigits), out var written, default, CultureInfo.InvariantCulture);
        text.Advance(written);
    }
}
