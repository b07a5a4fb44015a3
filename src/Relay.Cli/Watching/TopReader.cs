using System.Globalization;
using System.Text.Json;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Client.Ledger;

namespace Relay.Cli.Watching;

/// <summary>
/// Reads what <c>relay top</c> shows a member of one negotiation: the relay's stats, mode and risk signals, and of a negotiation that was
/// looked into the ledger, each entry of which is held against the signed root. Not safe for concurrent use.
/// </summary>
internal sealed class TopReader(StatsLog stats, HttpLedgerLog log, LedgerFeed feed, TimeSpan window)
{
    private const int MostEntries = 500;

    private readonly LinkedList<string> _entries = new();
    private TopNegotiation _last = new(feed.Negotiation);
    private bool _isVerified;

    /// <summary>Name of the negotiation.</summary>
    public string Negotiation => feed.Negotiation;

    /// <summary>Reads once. What cannot be read now is told beside what was read before.</summary>
    /// <param name="isInside">True from when on the ledger is read too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TopNegotiation> ReadAsync(bool isInside, CancellationToken cancellationToken)
    {
        _last = await ReadFiguresAsync(cancellationToken);
        _isVerified |= isInside;
        if (_isVerified) _last = await ReadLedgerAsync(cancellationToken);
        return _last;
    }

    private async Task<TopNegotiation> ReadFiguresAsync(CancellationToken cancellationToken)
    {
        try
        {
            var path = $"negotiations/{Negotiation}";
            if (await stats.FindAsync($"{path}/stats", cancellationToken) is not { } counted)
            {
                return _last with { Trouble = "the relay knows no such negotiation" };
            }
            var read = StatsLines.Read(_last, counted) with { Mode = await ReadModeAsync(stats, Negotiation, cancellationToken) };
            if (await log.FindSignalsAsync(window, cancellationToken) is not { } said) return read;
            using var json = JsonDocument.Parse(said);
            return SignalLines.Read(read, json.RootElement.GetProperty("data"));
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            return _last with { Trouble = Explain(exception) };
        }
    }

    /// <summary>In which mode a negotiation is; null where the relay does not say.</summary>
    public static async Task<string?> ReadModeAsync(StatsLog stats, string negotiation, CancellationToken cancellationToken) =>
        await stats.FindAsync($"negotiations/{negotiation}/mode", cancellationToken) is { } standing
            ? standing.Line("mode")
            : null;

    /// <summary>Whether it says that the relay did not answer, or not with what was asked for.</summary>
    public static bool IsTrouble(Exception exception) => exception
        is LedgerLogException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
        or ArgumentOutOfRangeException;

    /// <summary>Says so in a line.</summary>
    public static string Explain(Exception exception) => ForeignText.Line(
        exception is LedgerLogException ? exception.Message : "what the relay answers are no figures");

    private async Task<TopNegotiation> ReadLedgerAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var entry in await feed.ReadAsync(cancellationToken))
            {
                var what = ForeignText.Line(EntryLine.Describe(entry.Entry, entry.Weight));
                _entries.AddFirst(string.Create(CultureInfo.InvariantCulture, $"{entry.Entry.At:HH:mm:ss} {entry.Index,7} {what}"));
                if (_entries.Count > MostEntries) _entries.RemoveLast();
            }
            if (feed.Checkpoint is null) return _last with { Proof = "nothing logged yet", Holds = null };
            var size = feed.Size.ToString(CultureInfo.InvariantCulture);
            return _last with { Proof = $"verified here: {size} entries hash to the signed root", Holds = true, Entries = [.. _entries] };
        }
        catch (LedgerLogException exception)
        {
            return _last with { Proof = ForeignText.Line($"not now: {exception.Message}"), Holds = null };
        }
        catch (CliFault exception)
        {
            return _last with { Proof = ForeignText.Line($"DOES NOT HOLD: {exception.Message}"), Holds = false };
        }
    }
}
