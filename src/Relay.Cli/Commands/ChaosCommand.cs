using System.CommandLine;
using System.Globalization;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Local.Chaos;

namespace Relay.Cli.Commands;

/// <summary><c>relay chaos</c>: disturbs a local stack that runs, or says what disturbs it.</summary>
internal static class ChaosCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var words = new Argument<ChaosWord[]>("words")
        {
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = ChaosWords.Read,
            Description = $"What is to happen from now on: {ChaosWord.Expected}. None to see what disturbs it.",
        };
        var command = new Command("chaos", "Disturb a local stack that was started with 'relay up --chaos', and undo it.")
        {
            words, target.State,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = target.Running(parsed, "--state").Chaos ?? throw new CliFault(
                $"The local stack on {target.StateFolder(parsed)} cannot be disturbed.", "Stop it, and start it with 'relay up --chaos'.");
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            var asked = parsed.GetValue(words) ?? [];
            using var content = new StringContent(string.Join(' ', asked.Select(word => word.Text)));
            using var answer = asked.Length == 0
                ? await http.GetAsync(address, cancellationToken)
                : await http.PutAsync(address, content, cancellationToken);
            var text = (await answer.Content.ReadAsStringAsync(cancellationToken)).Trim();
            if (answer.IsSuccessStatusCode)
            {
                terminal.Out.Say($"{text}");
                return ExitCode.Good;
            }

            var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            throw new CliFault($"The stack does not take it ({status}): {text}", "Use the 'relay' command that runs the stack.");
        });
        return command;
    }
}
