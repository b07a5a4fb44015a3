using System.CommandLine;
using Relay.DeadLetters;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;

namespace Relay.Cli.Commands;

/// <summary><c>relay dlq drop</c>: removes dead letters for good.</summary>
internal static class DropCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new DeadLetterOptions();
        var because = new Option<string>("--because")
        {
            Description = "Why they may go: stands in the operators' log for good.",
            HelpName = "text",
            Required = true,
        };
        because.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Length > 1_000) result.AddError("--because: expected at most 1000 characters");
        });
        var all = new Option<bool>("--all")
        {
            Description = "Drop every dead letter of the queues, or of the topic: without it, name which.",
        };
        var command = options.AddFilter(
            new Command("drop", "Remove dead letters for good. The operators' log keeps which they were, and why.")
            {
                because, all, options.DryRun, options.Container,
            });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var filter = options.Filter(parsed);
            if (filter.TakesAll && !parsed.GetValue(all))
            {
                throw new CliFault("Nothing says which dead letters to drop.", "Name them, such as with --reason, or give --all.");
            }
            await using var desk = new DeadLetterDesk(options, parsed, terminal.Time);
            var run = await desk.PrepareAsync(cancellationToken);
            var letters = await desk.Office.SurveyAsync(filter, int.MaxValue, cancellationToken);
            terminal.Out.Say($"{letters.Count:N0} dead letters to drop");
            if (parsed.GetValue(options.DryRun))
            {
                DeadLetterCommand.ShowSome(terminal, letters);
                return ExitCode.Good;
            }
            if (letters.Count == 0) return ExitCode.Good;
            var result = await new Drop(desk.Office.Bus, run, DeadLetterDesk.Lines(terminal, "chosen"))
                .RunAsync(letters, filter, parsed.GetRequiredValue(because), cancellationToken);
            terminal.Out.Say($"{result.Done - result.Left:N0} dropped");
            if (result.Left > 0) terminal.Out.Say($"{result.Left:N0} are still there: run it again");
            return result.Left > 0 || result.IsInterrupted ? ExitCode.Bad : ExitCode.Good;
        });
        return command;
    }
}
