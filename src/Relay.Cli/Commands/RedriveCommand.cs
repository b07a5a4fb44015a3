using System.CommandLine;
using Relay.DeadLetters;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;

namespace Relay.Cli.Commands;

/// <summary><c>relay dlq redrive</c>: puts dead letters back on their queues or topic.</summary>
internal static class RedriveCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new DeadLetterOptions();
        var rate = new Option<int>("--rate")
        {
            CustomParser = OptionValues.Number(0, 100_000),
            HelpName = "number",
            Description = "At most so many a second; 0 for as fast as it goes.",
            DefaultValueFactory = static _ => Redrive.UsualRate,
        };
        var command = options.AddFilter(new Command(
            "redrive",
            "Put dead letters back on their queues or topic, unchanged and in each sender's order, and take them away. Ctrl-C stops it; "
                + "the same command goes on.")
        {
            options.DryRun, rate, options.Container,
        });
        command.TakeOnlyWithout(options.DryRun, rate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = new DeadLetterDesk(options, parsed, terminal.Time);
            var run = await desk.PrepareAsync(cancellationToken);
            var filter = options.Filter(parsed);
            var letters = await desk.Office.SurveyAsync(filter, int.MaxValue, cancellationToken);
            var plan = RedrivePlan.Of(letters, run.Before, terminal.Time.GetUtcNow());
            SayPlan(terminal, plan);
            if (parsed.GetValue(options.DryRun))
            {
                DeadLetterCommand.ShowSome(terminal, plan.Ordered);
                return ExitCode.Good;
            }
            if (plan.Ordered.Count + plan.Sent.Count == 0) return ExitCode.Good;
            var progress = DeadLetterDesk.Lines(terminal, "put back");
            var redrive = new Redrive(desk.Office.Bus, run, parsed.GetValue(rate), terminal.Time, progress);
            return SayResult(terminal, await redrive.RunAsync(plan, filter, cancellationToken), plan);
        });
        return command;
    }

    private static void SayPlan(Terminal terminal, RedrivePlan plan)
    {
        terminal.Out.Say($"{plan.Ordered.Count:N0} dead letters to put back");
        if (plan.Sent.Count > 0) terminal.Out.Say($"{plan.Sent.Count:N0} that an earlier run has put back, to be taken away");
        if (plan.PerhapsTwice.Count > 0)
        {
            terminal.Out.Say($"{plan.PerhapsTwice.Count:N0} of them may be there already, since a run died meanwhile:");
            terminal.Out.Say($"neither the ledger nor a recipient takes one a second time");
        }
        if (plan.Hopeless > 0) terminal.Out.Say($"{plan.Hopeless:N0} have expired or have no body, and stay: they can only be dropped");
    }

    private static int SayResult(Terminal terminal, RedriveResult result, RedrivePlan plan)
    {
        terminal.Out.Say($"{result.Done:N0} put back");
        if (result.Gone > 0) terminal.Out.Say($"{result.Gone:N0} were gone when their turn came");
        if (result.PerhapsTwice > 0) terminal.Out.Say($"{result.PerhapsTwice:N0} of them perhaps for the second time");
        if (result.Left > 0)
        {
            terminal.Out.Say($"{result.Left:N0} are back and still dead letters too:");
            terminal.Out.Say($"the same command takes them away, and puts none back again");
        }
        if (!result.IsInterrupted) return result.Left > 0 ? ExitCode.Bad : ExitCode.Good;
        terminal.Out.Say($"Interrupted: {plan.Ordered.Count - result.Done - result.Gone:N0} are to go. The same command goes on.");
        return ExitCode.Bad;
    }
}
