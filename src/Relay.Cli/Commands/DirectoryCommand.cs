using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay directory</c>: the documents that say who negotiates, through whom, and what suffices.</summary>
internal static class DirectoryCommand
{
    public static Command Create(Terminal terminal) =>
        new("directory", "Check negotiation documents and put them where the relay reads them.")
    {
        Check(terminal),
        Put(terminal),
    };

    private static Command Check(Terminal terminal)
    {
        var target = new TargetOptions();
        var file = FileArgument();
        const string What =
            "Say whether a document is valid, what its quorum survives, and whether the mediators' keys are there, each its own.";
        var lying = new Option<int>("--lying")
        {
            CustomParser = OptionValues.Number(0, QuorumRule.MaxMediators * QuorumRule.MaxWeight),
            Description = "Say too whether the quorum withstands mediators of this weight that sign anything; exit code 1 if not.",
            HelpName = "weight",
            DefaultValueFactory = static _ => 0,
        };
        var command = new Command("check", What) { file, lying, target.Vault, target.State };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (_, document) = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var digest = document.PolicyDigest.ToString();
            terminal.Out.Say($"[green]valid:[/] negotiation {document.Negotiation}, version {document.Version}, policy digest {digest}");
            var keys = await LookAsync(terminal, parsed, target, isElsewhere: false, document, cancellationToken);
            if ((keys is null ? document.Quorum : keys.Distinct()) is { } rule)
            {
                foreach (var sentence in rule.Analyse().Explain())
                {
                    terminal.Out.Say($"  {sentence}");
                }
            }

            Warn(terminal.Out, keys);
            var weight = parsed.GetValue(lying);
            return weight == 0 || SayWhether(terminal.Out, document.Quorum.Analyse(), weight) ? 0 : 1;
        });
        return command;
    }

    private static bool SayWhether(IAnsiConsole console, QuorumAnalysis quorum, int lying)
    {
        var withstands = quorum.Withstands(lying);
        if (withstands) console.Say($"[green]withstands[/] weight {lying} that lies: any two quorums share weight {quorum.SharedWeight}");
        else console.Say($"[red]does not withstand[/] weight {lying} that lies: two quorums may share no more than {quorum.SharedWeight}");
        return withstands;
    }

    private static Command Put(Terminal terminal)
    {
        var target = new TargetOptions();
        var file = FileArgument();
        var container = new Option<Uri?>("--container")
        {
            CustomParser = AddressValues.Container(DirectoryTarget.Example),
            Description = $"Blob container, or folder, to put it into instead of the local stack's, e.g. {DirectoryTarget.Example}.",
            HelpName = "url",
        };
        var command = new Command("put", "Check a document and put it where the relay reads it; it takes effect within a minute.")
        {
            file,
            container,
            target.Vault,
            target.State,
        };
        command.Refuse(
            [target.State], result => result.IsGiven(container) && !result.IsGiven(target.Vault),
            option => $"{option.Name} is of no use with {container.Name}: leave one of them out.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (content, document) = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var isElsewhere = parsed.GetValue(container) is not null;
            Warn(terminal.Notes, await LookAsync(terminal, parsed, target, isElsewhere, document, cancellationToken));
            var where = await new DirectoryTarget(
                target.StateFolder(parsed), parsed.GetValue(container)).PutAsync(document.Negotiation, content, cancellationToken);
            terminal.Out.Say($"{document.Negotiation} version {document.Version} is at {where}");
            return 0;
        });
        return command;
    }

    // Null when no vault is named and no local stack runs, or what runs here is not what the document is for.
    private static async Task<MediatorKeyCheck?> LookAsync(
        Terminal terminal,
        ParseResult parsed,
        TargetOptions target,
        bool isElsewhere,
        NegotiationDocument document,
        CancellationToken cancellationToken)
    {
        if (parsed.GetValue(target.Vault) is null && (isElsewhere || !target.IsRunning(parsed)))
        {
            terminal.Notes.Say($"The mediators' keys were not looked at: name their vault with --vault, or start the local stack.");
            return null;
        }

        var check = new MediatorKeyCheck(document, target.OpenVault(parsed, terminal.Time), terminal.Time);
        await check.RunAsync(cancellationToken);
        return check;
    }

    private static void Warn(IAnsiConsole console, MediatorKeyCheck? keys)
    {
        foreach (var warning in keys?.Warnings ?? [])
        {
            console.Say($"[yellow]warning:[/] {warning}");
        }
    }

    private static Argument<FileInfo> FileArgument() =>
        new("document")
        {
            CustomParser = FileValues.Input("Give the path of a negotiation document."),
            Description = "The negotiation document, JSON.",
        };

    private static async Task<(byte[] Content, NegotiationDocument Document)> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        return (content, DocumentFile.Parse(content, file.Name));
    }
}
