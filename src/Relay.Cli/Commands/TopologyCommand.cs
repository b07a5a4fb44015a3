using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Local;
using Relay.Local.Topology;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay topology</c>: the queues, topics and subscriptions of the relay, for other tools.</summary>
internal static class TopologyCommand
{
    private const string Official = "official";
    private const string Cloud = "cloud";

    public static Command Create(Terminal terminal) =>
        new("topology", "Write the relay's queues, topics and subscriptions in the format of other tools.")
    {
        Config(terminal),
    };

    private static Command Config(Terminal terminal)
    {
        var file = new Option<FileInfo?>("--file")
        {
            CustomParser = FileValues.Input("Give the path of a topology, or leave --file out for the one built in."),
            Description = "Topology to read, e.g. infra/topology.json; when left out, the one that this program was built with.",
            HelpName = "topology.json",
        };
        var limits = new Option<string>("--limits")
        {
            Description =
                "official: bring settings within what Microsoft's emulator takes (e.g. messages live for an hour at most) and say "
                    + "which. cloud: leave them as they are in Azure.",
            DefaultValueFactory = static _ => Official,
        };
        limits.AcceptOnlyFromAmong(Official, Cloud);
        var output = new Option<FileInfo?>("--out")
        {
            CustomParser = FileValues.OutputWithFolder,
            Description = "File to write, with its folder when there is none yet; when left out, standard output.",
            HelpName = "path",
        };
        var command = new Command(
            "config",
            "Write Config.json, the file by which Microsoft's Service Bus emulator knows its queues and topics. "
                + "infra/local/compose.yml takes it from infra/local/generated/Config.json.")
        {
            file, limits, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var topology = parsed.GetValue(file) is { } named ? await ReadAsync(named, cancellationToken) : LocalTopology.Default;
            var config = topology.ToEmulatorConfig(
                parsed.GetRequiredValue(limits) == Cloud ? EmulatorLimits.Cloud : EmulatorLimits.Official);
            foreach (var note in config.Notes)
            {
                terminal.Notes.Say($"[yellow]note:[/] {note}");
            }

            if (parsed.GetValue(output) is { } target)
            {
                target.Directory?.Create();
                await File.WriteAllTextAsync(target.FullName, config.Json, cancellationToken);
                terminal.Out.Say($"{topology.Queues.Count} queues and {topology.AllTopics.Count()} topics are in {target.FullName}");
            }
            else
            {
                // To the writer itself: a console would break long lines and read brackets as markup.
                await terminal.Out.Profile.Out.Writer.WriteAsync(config.Json.AsMemory(), cancellationToken);
            }

            return 0;
        });
        return command;
    }

    private static async Task<RelayTopology> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        return RelayTopology.TryParse(await File.ReadAllBytesAsync(file.FullName, cancellationToken), out var topology, out var error)
            ? topology
            : throw new CliFault($"{file.Name} is not a topology: {error}.", "infra/README.md says what each member holds.");
    }
}
