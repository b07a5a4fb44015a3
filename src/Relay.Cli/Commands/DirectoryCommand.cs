using System.CommandLine;
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
            terminal.Out.MarkupLineInterpolated($"[green]valid:[/] negotiation {document.Negotiation}, version {document.Version}, policy digest {document.PolicyDigest.ToString()}");
            foreach (var sentence in document.Quorum.Analyse().Explain())
            {
                terminal.Out.WriteLine($"  {sentence}");
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
            Description = "Blob container to put it into instead of the local stack's folder, e.g. https://account.blob.core.windows.net/directory.",
            HelpName = "url",
        };
        var command = new Command("put", "Check a document and put it where the relay reads it; it takes effect within a minute.") { file, container, target.State };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (content, document) = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var where = await new DirectoryTarget(target.StateFolder(parsed), parsed.GetValue(container)).PutAsync(document.Negotiation, content, cancellationToken);
            terminal.Out.WriteLine($"{document.Negotiation} version {document.Version} is at {where}");
            return 0;
        });
        return command;
    }

    private static Argument<FileInfo> FileArgument() => new("document") { Description = "The negotiation document, JSON." };

    private static async Task<(byte[] Content, NegotiationDocument Document)> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new CliFault($"{file.FullName} is not there.", "Give the path of a negotiation document.");
        }

        var content = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        return NegotiationDocument.TryParse(content, out var document, out var errors)
            ? (content, document)
            : throw new CliFault($"{file.Name} is not a valid negotiation document.", string.Join(" ", errors));
    }
}
