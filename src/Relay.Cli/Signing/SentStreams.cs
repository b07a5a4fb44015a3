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
    /// <summary>Reads each stream's state.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="target">Where things are.</param>
    /// <param name="ledger">Where the log is.</param>
    /// <param name="sender">Who has sent.</param>
    /// <param name="negotiation">In which negotiation.</param>
    /// <param name="grace">What was made less than this long ago may be under way.</param>
    /// <param name="audited">What an audit found of its envelopes; null asks the relay about the newest.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Streams with something in them, in the order of the lanes.</returns>
    /// <exception cref="CliFault">It is not known where the relay is.</exception>
    public static async Task<IReadOnlyList<SentStreamReport>> ReadAsync(
        ParseResult parsed,
        TargetOptions target,
        LedgerTarget ledger,
        string sender,
        string negotiation,
        TimeSpan grace,
        IReadOnlyList<SentEnvelope>? audited,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var documents = audited is null ? await DocumentFile.ReadAllAsync(target.StateFolder(parsed), negotiation, cancellationToken) : [];
        var streams = new List<SentStreamReport>();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var stream = StreamFile.Read(target.StateFolder(parsed), new StreamId(negotiation, sender, lane));
            if (stream.Made == 0) continue;
            using var word = RelayWord.TryOpen(parsed, target, ledger, stream.Stream, time)
                ?? throw new CliFault(
                    "It is not known where the relay is.",
                    "Start the local stack (relay up), or name the relay with --url and --client-certificate.");
            var report = await StreamReport.CreateAsync(stream, word, grace, time, cancellationToken);
            if (audited is not null)
            {
                var own = audited.Where(envelope => envelope.Id.Lane == lane).ToList();
                streams.Add(SentAnswers.Of(report, word.Refusal, own, id => stream.Find(id.Sequence)?.Head.IssuedAt));
                continue;
            }
            var envelopes = report.Logged is { } last
                ? await SentAnswers.ReadAsync(stream, word, last, documents, cancellationToken)
                : [];
            streams.Add(new SentStreamReport(report, word.Refusal, envelopes, 0, 0));
        }
        return streams;
    }

    /// <summary>Prints each stream's state and what to do.</summary>
    public static void Print(Terminal terminal, IReadOnlyList<SentStreamReport> streams)
    {
        foreach (var stream in streams)
        {
            Print(terminal, stream.Report, stream.Refusal);
            SentAnswers.Print(terminal, stream);
        }
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
