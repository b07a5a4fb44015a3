using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Protocol.Negotiations;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay directory</c>: the documents that say who negotiates, through whom, and what suffices.</summary>
internal static class DirectoryCommand
{
    public static Command Create(Terminal terminal) => new("directory", "Check negotiation documents and put them where the relay reads them.")
    {
        Check(terminal),
        Put(terminal),
    };

    private static Command Check(Terminal terminal)
    {
        var file = FileArgument();
        var command = new Command("check", "Say whether a document is valid and what its quorum survives.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (_, document) = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            terminal.Out.Say($"[green]valid:[/] negotiation {document.Negotiation}, version {document.Version}, policy digest {document.PolicyDigest.ToString()}");
            foreach (var sentence in document.Quorum.Analyse().Explain())
            {
                terminal.Out.Say($"  {sentence}");
            }

            return 0;
        });
        return command;
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
        var command = new Command("put", "Check a document and put it where the relay reads it; it takes effect within a minute.") { file, container, target.State };
        command.TakeOnlyWithout(container, target.State);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (content, document) = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var where = await new DirectoryTarget(target.StateFolder(parsed), parsed.GetValue(container)).PutAsync(document.Negotiation, content, cancellationToken);
            terminal.Out.Say($"{document.Negotiation} version {document.Version} is at {where}");
            return 0;
        });
        return command;
    }

    private static Argument<FileInfo> FileArgument() => new("document") { CustomParser = FileValues.Input("Give the path of a negotiation document."), Description = "The negotiation document, JSON." };

    private static async Task<(byte[] Content, NegotiationDocument Document)> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        return NegotiationDocument.TryParse(content, out var document, out var errors)
            ? (content, document)
            : throw new CliFault($"{file.Name} is not a valid negotiation document.", string.Join(" ", errors));
    }
}
