using System.CommandLine;
using System.Globalization;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Reports on what a delegation has sent in a negotiation: every lane that it has signed in.</summary>
internal static class SentStreams
{
    /// <summary>Prints each stream's state and what to do.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="target">Where things are.</param>
    /// <param name="ledger">Where the log is.</param>
    /// <param name="sender">Who has sent.</param>
    /// <param name="negotiation">In which negotiation.</param>
    /// <param name="grace">What was made less than this long ago may be under way.</param>
    /// <param name="audited">What an audit found of its envelopes; null asks the relay about the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many streams there are, whether every one arrives whole as far
    /// as can be told, and whether everything made is in the ledger.</returns>
    /// <exception cref="CliFault">It is not known where the relay is.</exception>
    public static async Task<SentTally> PrintAsync(
        Terminal terminal,
        ParseResult parsed,
        TargetOptions target,
        LedgerTarget ledger,
        string sender,
        string negotiation,
        TimeSpan grace,
        IReadOnlyList<SentEnvelope>? audited,
        CancellationToken cancellationToken)
    {
        var documents = audited is null ? await DocumentFile.ReadAllAsync(target.StateFolder(parsed), negotiation, cancellationToken) : [];
        var tally = new SentTally(0, 0, true, true);
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var stream = StreamFile.Read(target.StateFolder(parsed), new StreamId(negotiation, sender, lane));
            if (stream.Made == 0) continue;
            using var word = RelayWord.TryOpen(parsed, target, ledger, stream.Stream, terminal.Time)
                ?? throw new CliFault(
                    "It is not known where the relay is.",
                    "Start the local stack (relay up), or name the relay with --url and --client-certificate.");
            var report = await StreamReport.CreateAsync(stream, word, grace, terminal.Time, cancellationToken);
            Print(terminal, report, word.Refusal);
            if (audited is not null)
            {
                var own = audited.Where(envelope => envelope.Id.Lane == lane).ToList();
                SentAnswers.Print(terminal, own, id => stream.Find(id.Sequence)?.Head.IssuedAt);
            }
            else if (report.Logged is { } last)
            {
                await SentAnswers.PrintAsync(terminal, stream, word, last, documents, cancellationToken);
            }
            tally = new SentTally(
                tally.Streams + 1,
                tally.Problems + report.Problems.Count,
                tally.Whole && report.Problems.Count == 0 && report.Logged is not null,
                tally.AllLogged && report.Logged == report.Made);
        }

        return tally;
    }

    private static void Print(Terminal terminal, StreamReport report, string? refusal)
    {
        var logged = report.Logged is { } last ? Text(last) : $"(the relay cannot be asked now{(refusal is null ? "" : ": " + refusal)})";
        terminal.Out.Say($"sent as {report.Stream}: made 1 to {Text(report.Made)}, in the ledger up to {logged}");
        foreach (var problem in report.Problems)
        {
            terminal.Out.Say($"[red]{problem.Code}:[/] {problem.Problem} {problem.Fix}");
        }

        if (report.UnderWay.Count > 0)
        {
            var underWay = string.Join(", ", report.UnderWay.Select(Text));
            terminal.Out.Say($"not in the ledger yet: {underWay}. Submit what has not been; the rest is under way.");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What came of reporting on a sender's streams.</summary>
/// <param name="Streams">Streams with something in them.</param>
/// <param name="Problems">What is wrong, over all of them.</param>
/// <param name="Whole">None has a gap, nothing is held or lost, and the relay could be asked.</param>
/// <param name="AllLogged">Everything made is in the ledger.</param>
internal readonly record struct SentTally(int Streams, int Problems, bool Whole, bool AllLogged);
