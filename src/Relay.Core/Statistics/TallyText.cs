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
/// the lanes, by <see cref="LatencyTally"/>'s buckets.
/// </remarks>
internal static class TallyText
{
    private const string Head = "relay tallies 1\n";
    private static readonly byte[] HeadBytes = Encoding.UTF8.GetBytes(Head);
    private const string Released = "released";

    // The last minute that a time has.
    private static readonly long MaxMinute = WorkerTallies.MinuteOf(DateTimeOffset.MaxValue);

    private static readonly Dictionary<string, Verdict> Tags =
        Enum.GetValues<Verdict>().ToDictionary(verdict => VerdictTable.For(verdict).Tag);

    private static readonly (Lane Lane, string Prefix)[] Lanes = [(Lane.Normal, "n."), (Lane.Urgent, "u.")];

    /// <summary>Writes it; the same window gives the same bytes.</summary>
    public static byte[] Write(TallyWindow window)
    {
        var text = new StringBuilder(Head);
        foreach (var (negotiation, tally) in window.Negotiations.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(negotiation);
            foreach (var (tag, verdict) in Tags)
            {
                Append(text, "q." + tag, tally.Ruled(verdict));
                Append(text, "h." + tag, tally.Refused(verdict));
            }

            Append(text, Released, tally.Released);
            foreach (var (minute, count) in tally.Embargoes)
            {
                Append(text, string.Create(CultureInfo.InvariantCulture, $"e.{minute}"), count);
            }

            foreach (var (lane, prefix) in Lanes)
            {
                if (tally.Latency(lane) is not { } latency) continue;
                for (var i = 0; i < LatencyTally.Buckets; i++)
                {
                    Append(text, string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}"), latency[i]);
                }
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>
    /// Adds what a text says to a window; false, with the window as it was or added to in part, for what is no such text.
    /// </summary>
    /// <param name="content">The text.</param>
    /// <param name="negotiation">Only this negotiation's; null for all.</param>
    /// <param name="window">Is added to.</param>
    public static bool TryAdd(ReadOnlySpan<byte> content, string? negotiation, TallyWindow window)
    {
        if (!content.StartsWith(HeadBytes)) return false;
        if (negotiation is not null) content = LineOf(content, negotiation);
        else content = content[HeadBytes.Length..];
        foreach (var line in Encoding.UTF8.GetString(content).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty) continue;
            var space = line.IndexOf(' ');
            var name = space < 0 ? line : line[..space];
            if (!name.SequenceEqual(TallyWindow.Other) && !RelayName.IsValid(name)) return false;
            if (space >= 0 && !TryAddCounters(line[(space + 1)..], window.Of(name.ToString()))) return false;
        }

        return true;
    }

    // Lines are in the order of their names, so the others need not be read: there may be ten thousand.
    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> content, string negotiation)
    {
        var name = Encoding.UTF8.GetBytes(negotiation);
        var (low, high) = (HeadBytes.Length, content.Length);
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

        foreach (var (lane, laneText) in Lanes)
        {
            if (!prefix.SequenceEqual(laneText)) continue;
            if (!int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var bucket)) return false;
            if (bucket >= LatencyTally.Buckets) return false;
            tally.LatencyToAdd(lane).Add(bucket, count);
            return true;
        }

        return false;
    }

    private static void Append(StringBuilder text, string name, int count)
    {
        if (count > 0) text.Append(CultureInfo.InvariantCulture, $" {name}={count}");
    }
}
