using System.Globalization;
using System.Text;

namespace Relay.Functions.Reading;

/// <summary>
/// Which signals of a negotiation were told last, or are being told: <c>.signals/{negotiation}</c> in the ledgers' container, one line of
/// text, <c>relay signals 1 {until} {size} {busy|quiet} {told|telling}</c>, and then the event.
/// </summary>
/// <param name="Until">End of their window in milliseconds since 1970.</param>
/// <param name="Size">Entries of the ledger that they were computed from.</param>
/// <param name="IsQuiet">Nobody sent an envelope in their window.</param>
/// <param name="IsTold">The topic has the event.</param>
/// <param name="Event">The event; empty once it is told.</param>
internal sealed record ToldSignals(long Until, long Size, bool IsQuiet, bool IsTold, ReadOnlyMemory<byte> Event)
{
    private const string Head = "relay signals 1 ";

    /// <summary>Name of the blob; no negotiation's name begins with a dot.</summary>
    public static string BlobOf(string negotiation) => ".signals/" + negotiation;

    /// <summary>Content of the blob.</summary>
    public byte[] ToBytes()
    {
        var (pace, state) = (IsQuiet ? "quiet" : "busy", IsTold ? "told" : "telling");
        var line = string.Create(CultureInfo.InvariantCulture, $"{Head}{Until} {Size} {pace} {state}\n");
        return [.. Encoding.ASCII.GetBytes(line), .. Event.Span];
    }

    /// <returns>Null for what is no such blob.</returns>
    public static ToldSignals? Read(ReadOnlyMemory<byte> content)
    {
        var end = content.Span.IndexOf((byte)'\n');
        if (end < 0) return null;
        var line = Encoding.ASCII.GetString(content.Span[..end]);
        if (!line.StartsWith(Head, StringComparison.Ordinal)) return null;
        if (line[Head.Length..].Split(' ') is not [var until, var size, var pace, var state]) return null;
        if (pace is not ("quiet" or "busy") || state is not ("told" or "telling")) return null;
        return long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
                ? new ToldSignals(at, entries, pace == "quiet", state == "told", content[(end + 1)..])
                : null;
    }
}
