using System.Text;
using Relay.Protocol.Ledger;

namespace Relay.LyingRelay.Forging;

/// <summary>An entry's text as lines, to change what no writer of entries would write. Lines of an envelope's: kind, time, policy,
/// head, then one for each signature.</summary>
internal static class EntryText
{
    public const int Time = 1;
    public const int Policy = 2;
    public const int Head = 3;
    public const int Signatures = 4;

    /// <summary>Index of an envelope's entry.</summary>
    public static int Find(IReadOnlyList<byte[]> entries, string id)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (Envelope(entries[i]) is { } entry && entry.Id.ToString() == $"{Cast.Company.Negotiation}/{id}") return i;
        }

        throw new InvalidOperationException($"Expected an entry of {id}, the ledger has none.");
    }

    public static EnvelopeEntry? Envelope(byte[] text) =>
        LedgerEntry.TryParse(text, out var entry, out _) ? entry as EnvelopeEntry : null;

    /// <summary>Changes the lines of one entry.</summary>
    public static void Edit(List<byte[]> entries, int index, Action<List<string>> change)
    {
        var lines = Lines(entries[index]);
        change(lines);
        entries[index] = Join(lines);
    }

    public static List<string> Lines(byte[] text) => [.. Encoding.ASCII.GetString(text).TrimEnd('\n').Split('\n')];

    public static byte[] Join(IEnumerable<string> lines) => Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>The head with one text in it replaced; its signatures then are of another.</summary>
    public static void EditHead(List<string> lines, string from, string to)
    {
        var head = Encoding.UTF8.GetString(Convert.FromBase64String(lines[Head]));
        if (!head.Contains(from, StringComparison.Ordinal)) throw new InvalidOperationException($"Expected {from} in {head}.");
        lines[Head] = Convert.ToBase64String(Encoding.UTF8.GetBytes(head.Replace(from, to, StringComparison.Ordinal)));
    }

    /// <summary>Moves the time of an entry, whatever its kind.</summary>
    public static void Move(List<string> lines, TimeSpan by)
    {
        var at = lines[0] is "relay/envelope/v2" or "relay/evidence/v2" ? Time : lines.Count - 1;
        var moved = long.Parse(lines[at], System.Globalization.CultureInfo.InvariantCulture) + (long)by.TotalMilliseconds;
        lines[at] = moved.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
