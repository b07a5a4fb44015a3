using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Forecasts;
using Relay.Protocol.Text;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay forecast</c>: forecasts of a negotiation, written down before the outcome and scored after it.</summary>
internal static class ForecastCommand
{
    private const int ShownDrivers = 3;

    public static Command Create(Terminal terminal) => new(
        "forecast",
        "Forecast from a negotiation's ledger, from metadata alone: an envelope within a day, silence for three, a freeze within a week.")
    {
        CreateMake(terminal),
        CreateScore(terminal),
    };

    private static Command CreateMake(Terminal terminal)
    {
        var options = new ForecastOptions();
        var command = options.AddTo(new Command(
            "make",
            "Learn from what the ledger has, forecast, and write each forecast to a file and its digest to the folder's book. "
                + "Give away the head of the book, and no forecast can be changed unnoticed."));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new ForecastFolder(parsed.GetRequiredValue(options.Folder));
            folder.ReadBook();
            var (ledger, observations, _) = await options.ReadAsync(terminal, parsed, new HashSet<long>(), cancellationToken);
            var name = parsed.GetRequiredValue(options.Target.Negotiation);
            var now = DateTimeOffset.FromUnixTimeSeconds(terminal.Time.GetUtcNow().ToUnixTimeSeconds());
            foreach (var question in Questions.All) Make(terminal, folder, name, question, ledger, observations, now);
            var book = folder.ReadBook();
            if (book.Forecasts.Count == 0) return ExitCode.Good;
            terminal.Out.Say($"head of the book: {book.Head}");
            terminal.Notes.Say($"Give it away now, for instance: relay sign --from ... --to ... --text {book.Head}");
            return ExitCode.Good;
        });
        return command;
    }

    private static void Make(
        Terminal terminal,
        ForecastFolder folder,
        string negotiation,
        ForecastQuestion question,
        LedgerStretch ledger,
        LedgerObservations observations,
        DateTimeOffset now)
    {
        var history = NegotiationHistory.Of(observations);
        if (question.IsDecided(history, now))
        {
            terminal.Out.Say($"{question.ToText()}: is so already");
            return;
        }
        var model = observations.First is { } first ? HazardModel.Fit(question, [(history, first, now)]) : null;
        if (model is null)
        {
            terminal.Out.Say($"{question.ToText()}: [yellow]nothing to learn from[/] yet");
            terminal.Out.Say($"  {question.Horizon().TotalHours:0} h of the ledger have to be over, and it has to have happened once");
            return;
        }
        var contributions = model.Contributions(history, now);
        var forecast = new Forecast
        {
            Negotiation = negotiation,
            Question = question,
            At = now,
            Probability = model.Forecast(history, now),
            Size = ledger.Size,
            Root = ledger.Root,
            Contributions = contributions,
        };
        folder.Add(forecast);
        var drivers = ForecastDrivers.Names.Zip(contributions).OrderByDescending(driver => Math.Abs(driver.Second)).Take(ShownDrivers);
        terminal.Out.Say($"{question.ToText()}: {forecast.Probability:0.000} by {forecast.DueAt:u}");
        foreach (var (driver, part) in drivers) terminal.Out.Say($"  {driver} {part:+0.00;-0.00}");
    }

    private static JudgingCommand CreateScore(Terminal terminal)
    {
        var options = new ForecastOptions();
        var head = new Option<Digest?>("--committed")
        {
            CustomParser = OptionValues.Digest,
            HelpName = "digest",
            Description = "A head of the book that was given away: it has to be one that the book had.",
        };
        var command = options.AddTo(new JudgingCommand(
            "score",
            "Check that no forecast was changed or left out and each was made from this ledger, and score those whose time is over: "
                + "Brier and log score against base rate and persistence, and reliability."));
        command.Add(head);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new ForecastFolder(parsed.GetRequiredValue(options.Folder));
            var book = folder.ReadBook();
            if (book.Forecasts.Count == 0) throw new CliFault("No forecast is in that folder.", "Make some with 'relay forecast make'.");
            var forecasts = folder.Read(book);
            var sizes = forecasts.OfType<Forecast>().Select(forecast => forecast.Size).ToHashSet();
            var (_, observations, roots) = await options.ReadAsync(terminal, parsed, sizes, cancellationToken);
            var bad = Check(terminal, forecasts, roots);
            if (parsed.GetValue(head) is { } given && !book.HadHead(given))
            {
                terminal.Out.Say($"[red]changed:[/] the book never had the head {given}");
                bad++;
            }
            if (bad > 0) return ExitCode.Bad;
            terminal.Out.Say($"{forecasts.Count} forecasts, none changed, each made from this ledger");
            var isScored = Score(terminal, [.. forecasts.OfType<Forecast>()], NegotiationHistory.Of(observations));
            return isScored ? ExitCode.Good : ExitCode.NotProved;
        });
        return command;
    }

    private static int Check(Terminal terminal, IReadOnlyList<Forecast?> forecasts, IReadOnlyDictionary<long, Digest> roots)
    {
        var bad = 0;
        for (var i = 0; i < forecasts.Count; i++)
        {
            if (forecasts[i] is not { } forecast)
            {
                terminal.Out.Say($"[red]changed:[/] forecast {i + 1} of the book is not there any more, or is another");
            }
            else if (!roots.TryGetValue(forecast.Size, out var root) || root != forecast.Root)
            {
                terminal.Out.Say($"[red]of another ledger:[/] forecast {i + 1} names a root at size {forecast.Size} that this one has not");
            }
            else
            {
                continue;
            }
            bad++;
        }
        return bad;
    }

    private static bool Score(Terminal terminal, IReadOnlyCollection<Forecast> forecasts, NegotiationHistory history)
    {
        var now = terminal.Time.GetUtcNow();
        var table = new Table { Border = TableBorder.Simple }
            .AddColumns("question", "forecasts", "yes", "Brier", "of base rate", "of persistence", "log", "of base rate", "of persistence");
        var bins = new Table { Border = TableBorder.Simple }.AddColumns("question", "said", "forecasts", "came", "95 % of it");
        foreach (var group in forecasts.Where(forecast => forecast.DueAt <= now).GroupBy(forecast => forecast.Question))
        {
            var score = ForecastScore.Of(
                [
                    .. group.Select(forecast => (
                        forecast.Probability,
                        group.Key.Outcome(history, forecast.At),
                        group.Key.Outcome(history, forecast.At - group.Key.Horizon()))),
                ])!;
            table.AddRow(
                group.Key.ToText(), $"{score.Count}", Text(score.BaseRate), Text(score.Brier), Text(score.BrierOfBaseRate),
                Text(score.BrierOfPersistence), Text(score.Log), Text(score.LogOfBaseRate), Text(score.LogOfPersistence));
            foreach (var bin in score.Bins.Where(bin => bin.Count > 0))
            {
                bins.AddRow(group.Key.ToText(), Text(bin.Mean), $"{bin.Count}", $"{bin.Came}", $"{Text(bin.Low)} to {Text(bin.High)}");
            }
        }
        if (table.Rows.Count == 0)
        {
            terminal.Out.Say($"[yellow]None can be scored yet:[/] the first is due {forecasts.Min(forecast => forecast.DueAt):u}");
            return false;
        }
        terminal.Out.Write(table);
        terminal.Out.Write(bins);
        return true;
    }

    private static string Text(double number) => number.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What both commands are given.</summary>
    private sealed class ForecastOptions
    {
        private readonly LedgerTarget _ledger = new();
        private readonly Argument<string> _delegation = new("delegation")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation as which to read the ledger, e.g. iran.",
        };

        public TargetOptions Target { get; } = new();

        public Option<DirectoryInfo> Folder { get; } = new("--folder")
        {
            CustomParser = FileValues.Folder,
            HelpName = "folder",
            Description = "Folder of the forecasts and their book.",
            DefaultValueFactory = static _ => new DirectoryInfo("forecasts"),
        };

        public T AddTo<T>(T command)
            where T : Command
        {
            command.Add(_delegation);
            Option[] options =
            [
                Target.Negotiation, Folder, _ledger.RelayName, _ledger.RelayKey, _ledger.KeyFile, _ledger.ClientCertificate, Target.Http,
                Target.Vault, Target.State,
            ];
            foreach (var option in options) command.Add(option);
            command.TakeOnlyWith(Target.Http, _ledger.ClientCertificate);
            command.TakeOnlyWithout(_ledger.KeyFile, Target.Vault);
            return command;
        }

        public async Task<(LedgerStretch Ledger, LedgerObservations Observations, IReadOnlyDictionary<long, Digest> Roots)> ReadAsync(
            Terminal terminal, ParseResult parsed, IReadOnlySet<long> sizes, CancellationToken cancellationToken)
        {
            var name = parsed.GetRequiredValue(Target.Negotiation);
            var keys = await _ledger.OpenKeysAsync(parsed, Target, terminal.Time, cancellationToken);
            using var trust = _ledger.OpenTrust(parsed, name, keys, terminal.Time);
            using var http = _ledger.OpenLog(parsed, Target, parsed.GetRequiredValue(_delegation), terminal.Time);
            var readout = new LedgerReadout(new HttpLedgerLog(http, name, terminal.Time), trust, name);
            var (ledger, observations) = await readout.ReadWholeAsync(sizes, cancellationToken);
            return (ledger, observations, readout.Roots);
        }
    }
}
