using System.CommandLine;
using System.Globalization;
using Emulator.ServiceBus;
using Relay.Benchmarks.Bus;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>bus</c>, <c>backlog</c>, <c>scale</c>: the Service Bus emulator, in a process of its own, against another broker.</summary>
internal static class BusBenchCommand
{
    public static Command Create(Terminal terminal)
    {
        var client = new Option<BusClientKind>("--client")
        {
            Description = "Client of both brokers.",
            DefaultValueFactory = static _ => BusClientKind.Amqp,
        };
        var against = new Option<string?>("--against")
        {
            Description =
                "Another broker's durable queue, such as amqp://guest:guest@localhost:5672//amq/queue/bench for RabbitMQ with its "
                    + "amqp1_0 plugin.",
            HelpName = "address",
        };
        var rhea = new Option<string>("--rhea")
        {
            Description = "Folder where 'npm install rhea@3.0.5' was run.",
            HelpName = "folder",
            DefaultValueFactory = static _ => ".",
        };
        var messages = Number("--messages", "Messages a round.", 50_000);
        var bytes = Number("--bytes", "Bytes of body in each.", 1024);
        var links = Number(
            "--links", "Links, each with its own connection; those of the Service Bus client share one between 8. Not for rhea.", 1);
        var rounds = Number("--rounds", "Rounds that count; one more comes first.", 3);
        var inMemory = new Option<bool>("--in-memory") { Description = "Our broker without its journal." };
        var command =
            new Command("bus", "Sends and settled receives of the Service Bus emulator, alone or side by side with another broker.")
            {
                client,
                against,
                rhea,
                messages,
                bytes,
                links,
                rounds,
                inMemory,
            };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new SpeedBench.Plan(
                parsed.GetRequiredValue(client),
                parsed.GetValue(against) is { } text ? BusAddress.Parse(text) : null,
                parsed.GetRequiredValue(rhea),
                parsed.GetRequiredValue(messages),
                parsed.GetRequiredValue(bytes), parsed.GetRequiredValue(links), parsed.GetRequiredValue(rounds), parsed.GetValue(inMemory));
            var (sides, note) = await SpeedBench.RunAsync(plan, terminal.Time, cancellationToken);
            var table = new Table().AddColumns("broker", "sends/s", "received and settled/s", "each round");
            foreach (var side in sides)
            {
                table.AddRow(
                    Markup.Escape(side.Broker),
                    Text(Median(side.Sends)),
                    Text(Median(side.Receives)),
                    $"{string.Join(' ', side.Sends.Select(Text))} / {string.Join(' ', side.Receives.Select(Text))}");
            }

            if (sides is [var ours, var theirs])
            {
                table.AddRow("ratio", Ratio(ours.Sends, theirs.Sends), Ratio(ours.Receives, theirs.Receives), "");
            }

            terminal.Out.Write(table);
            terminal.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"medians; {plan.Client}, {plan.Messages} messages of {plan.Bytes} bytes a round, {plan.Links} links; {note}"));
            return 0;
        });
        return command;
    }

    /// <summary><c>backlog</c>.</summary>
    public static Command CreateBacklog(Terminal terminal)
    {
        var messages = Number("--messages", "Messages of the backlog.", 1_000_000);
        var bytes = Number("--bytes", "Bytes of body in each.", 1024);
        var command = new Command(
            "backlog", "A large backlog in one queue of the Service Bus emulator: memory, start, and receiving it against a small one.")
        {
            messages,
            bytes,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            FigureTable.Print(
                terminal,
                await BacklogBench.RunAsync(
                    parsed.GetRequiredValue(messages), parsed.GetRequiredValue(bytes), terminal.Time, cancellationToken));
            return 0;
        });
        return command;
    }

    /// <summary><c>scale</c>.</summary>
    public static Command CreateScale(Terminal terminal)
    {
        var entities = Number("--entities", "Queues.", 10_000);
        var connections = Number("--connections", "Connections open at once.", 2_000);
        var sessions = Number("--sessions", "Sessions with a message each.", 100_000);
        var command = new Command("scale", "Many entities, connections and sessions in the Service Bus emulator: rates, stalls and memory.")
        {
            entities,
            connections,
            sessions,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bench = new ScaleBench(
                terminal.Time, new SynchronousProgress<string>(line => terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {line}")));
            FigureTable.Print(
                terminal,
                await bench.RunAsync(
                    parsed.GetRequiredValue(entities),
                    parsed.GetRequiredValue(connections),
                    parsed.GetRequiredValue(sessions),
                    cancellationToken));
            return 0;
        });
        return command;
    }

    /// <summary>The process that <see cref="OwnBroker"/> starts.</summary>
    public static Command CreateBroker(Terminal terminal)
    {
        var folder = new Argument<string>("state");
        var topology = new Argument<string>("topology");
        var command = new Command(
            "broker", "A Service Bus emulator that prints its connection string and runs until standard input ends; for the benches.")
        {
            folder,
            topology,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var emulator = await ServiceBusEmulator.StartAsync(
                new ServiceBusEmulatorOptions
                {
                    AmqpPort = 0,
                    StateFolder = OwnBroker.FolderOf(parsed.GetRequiredValue(folder)),
                    Topology = BenchTopology.Of(parsed.GetRequiredValue(topology)),
                    TimeProvider = terminal.Time,
                },
                cancellationToken);
            terminal.Out.WriteLine(emulator.ConnectionString);
            await Console.In.ReadToEndAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    private static Option<int> Number(string name, string what, int value)
    {
        var option = new Option<int>(name) { Description = what, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var number) || number < 1))
            {
                result.AddError($"{name}: expected 1 or more, got '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }

    private static string Ratio(List<double> ours, List<double> theirs) =>
        (Median(ours) / Median(theirs)).ToString("0.00", CultureInfo.InvariantCulture);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
