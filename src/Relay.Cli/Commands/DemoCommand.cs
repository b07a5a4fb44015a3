using System.CommandLine;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Microsoft.Extensions.Logging;
using Relay.Cli.Demo;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Local;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay demo</c>: a negotiation through a local stack of its own, checked at both ends.</summary>
internal static class DemoCommand
{
    private const int Fewest = 200;
    private const int Most = 100_000;
    private const int Wrong = 1;
    private const int ShownFaults = 20;

    public static Command Create(Terminal terminal)
    {
        var count = new Option<int>("--envelopes")
        {
            CustomParser = OptionValues.Number(Fewest, Most),
            Description = $"Genuine envelopes to send, at least {Fewest}.",
            HelpName = "count",
            DefaultValueFactory = static _ => 240,
        };
        var against = new Option<string?>("--against")
        {
            CustomParser = static result =>
                result.Tokens[0].Value == TargetOptions.LocalStack ? TargetOptions.LocalStack : AddressValues.ServiceBus(result),
            Description =
                "Do it to a relay that runs already instead: its Service Bus, a connection string or a namespace such as "
                    + "ns.servicebus.windows.net, or 'local' for the local stack. "
                + "You must be allowed to write its directory, to sign and send as each mediator and to receive as each delegation; "
                    + "what must be refused is posted over HTTP.",
            HelpName = "service bus",
        };
        var container = new Option<Uri?>("--container")
        {
            CustomParser = AddressValues.Container(DirectoryTarget.Example),
            Description = "With --against: blob container, or folder, of the relay's directory; the local stack's folder when left out.",
            HelpName = "url",
        };
        var relayName = new Option<string?>("--relay-name")
        {
            CustomParser = OptionValues.RelayNamed,
            Description =
                "With --against: name of the relay, as its operator tells it; receipts are checked with key relay-checkpoint of "
                    + "the vault then. Known of the local stack.",
            HelpName = "name",
        };
        var target = new TargetOptions();
        var verbose = new Option<bool>("--verbose") { Description = "Log what each part does." };
        var command = new Command(
            "demo",
            "Start the whole stack on free ports, take a negotiation of two delegations and three mediators through it, some of "
                + "it bad on purpose, and check every result. Exit code 0 when all is right, 1 when not.")
        {
            count, verbose, against, container, relayName, target.Vault, target.Http, target.State,
        };
        command.TakeOnlyWith(against, container, relayName, target.Vault, target.Http, target.State);
        command.TakeOnlyWithout(against, verbose);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(against) is not { } named)
            {
                return await RunAsync(terminal, parsed.GetRequiredValue(count), parsed.GetValue(verbose), cancellationToken);
            }

            await using var bus = target.OpenServiceBus(parsed, named == TargetOptions.LocalStack ? null : named);
            using var client = new HttpClient { BaseAddress = target.HttpAddress(parsed) };
            var place = parsed.GetValue(container);
            var directory = new DirectoryTarget(target.StateFolder(parsed), place);
            // A local stack's directory is a folder in its state folder.
            var vault = target.OpenVault(
                parsed,
                terminal.Time,
                place is { IsFile: true } ? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(place.LocalPath)) : null);
            var relay = parsed.GetValue(relayName) ?? (named == TargetOptions.LocalStack ? LedgerTarget.Local : null);
            var demo = (string folder) => new RemoteDemo(folder, directory, vault, relay, bus, client, terminal.Time);
            return await RunAsync(terminal, demo, relay is not null, parsed.GetRequiredValue(count), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, Func<string, RemoteDemo> demo, bool hasReceipts, int count, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-demo-").FullName;
        try
        {
            var (script, tally) = await demo(folder).PerformAsync(count, Progress(terminal), cancellationToken);
            Print(terminal, script, tally, hasReceipts);
            return tally.Wrong.Count == 0 ? 0 : Wrong;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SynchronousProgress<string> Progress(Terminal terminal) => new(line => terminal.Notes.Say($"[green]✓[/] {line}"));

    private static async Task<int> RunAsync(Terminal terminal, int count, bool verbose, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-demo-").FullName;
        try
        {
            var progress = Progress(terminal);
            var options = new LocalStackOptions
            {
                StateFolder = folder,
                AmqpPort = 0,
                VaultPort = 0,
                HttpPort = 0,
                HttpsPort = 0,
                TimeProvider = terminal.Time,
                // Every hostile envelope is worth a warning to an operator; here each is expected and counted instead.
                Logging = logging => logging.SetMinimumLevel(
                    verbose ? LogLevel.Debug : LogLevel.Error).AddSimpleConsole(console => console.SingleLine = true),
            };
            using var stage = new DemoStage(folder, options.Negotiation, count, terminal.Time, progress);
            options = options with { BesideAppStart = stage.SetAsync };
            await using var stack = await LocalStack.StartAsync(options, progress, cancellationToken);
            var (cast, script) = (stage.Cast, stage.Script);
            await using var bus = new ServiceBusClient(stack.Endpoints.ServiceBus);
            using var api = new HttpClient { BaseAddress = stack.Endpoints.Http };
            var answers = new DemoAnswers(cast, api, terminal.Time);
            using var secrecy = DemoSecrecy.TryOpen(cast, api, folder, terminal.Time);
            var tally = await new DemoRun(cast, script, bus, answers, secrecy, terminal.Time).PerformAsync(cancellationToken);
            Print(terminal, script, tally, cast.ChecksReceipts);
            return tally.Wrong.Count == 0 ? 0 : Wrong;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(Terminal terminal, DemoScript script, DemoTally tally, bool hasReceipts)
    {
        var table = new Table().AddColumns("outcome", "envelopes");
        table.Columns[1].RightAligned();
        table.AddRow(hasReceipts ? "forwarded, receipt checked, opened" : "forwarded, opened and checked", Text(tally.Forwarded));
        foreach (var reason in tally.Refusals.Values.GroupBy(refusal => refusal.Reason).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            table.AddRow(ForeignText.Cell($"refused: {reason.Key}"), Text(reason.Count()));
        }

        table.AddEmptyRow();
        table.AddRow("of those forwarded: sent twice, arrived once", Text(script.Finale.Twice.Count));
        table.AddRow("of those forwarded: sent before its turn, held until the gap was filled", Text(tally.Held ? 1 : 0));
        if (tally.Ledger is { } ledger)
        {
            table.AddRow("entries of the ledger: envelopes, each once", ledger.Envelopes.ToString(CultureInfo.InvariantCulture));
            table.AddRow("entries of the ledger: evidence of an equivocation", ledger.Evidence.ToString(CultureInfo.InvariantCulture));
        }

        table.AddEmptyRow();
        // Everything is sent at once, so this is mostly waiting in the queue: how long the last of a burst takes, not how long one does.
        table.AddRow(
            "latency in the burst, p50",
            $"{Percentile.Milliseconds(tally.Latencies, 0.50).ToString("0.0", CultureInfo.InvariantCulture)} ms");
        table.AddRow(
            "latency in the burst, p99",
            $"{Percentile.Milliseconds(tally.Latencies, 0.99).ToString("0.0", CultureInfo.InvariantCulture)} ms");
        var perSecond = tally.Duration > TimeSpan.Zero ? tally.Latencies.Count / tally.Duration.TotalSeconds : 0;
        table.AddRow("envelopes/s", perSecond.ToString("0", CultureInfo.InvariantCulture));
        terminal.Out.Write(table);
        foreach (var receipt in tally.Said)
        {
            var said = receipt.Entry.Acknowledgement;
            terminal.Out.Say($"{said.Delegation} opened {said.Id} and says so: entry {receipt.Proof.Index} of the ledger, receipt checked");
        }

        if (tally.Secrecy is { } shown) terminal.Out.Say($"{shown}");
        foreach (var wrong in tally.Wrong.Take(ShownFaults))
        {
            terminal.Out.Say($"[red]wrong:[/] {wrong}");
        }

        if (tally.Wrong.Count > 0) terminal.Out.Say($"[red]{tally.Wrong.Count} results are wrong.[/]");
        else
        {
            var (good, refused) = (script.Good.Count, script.Refused.Count());
            terminal.Out.Say(
                $"[green]All {good} genuine envelopes arrived and all {refused} others were refused, each for its own reason.[/]");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
