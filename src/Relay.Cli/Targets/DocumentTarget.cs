using System.CommandLine;
using System.Globalization;
using Relay.Cli.Parsing;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Targets;

/// <summary>
/// Which negotiation documents a command judges by: those named by file, or those of the state folder. Never one that the relay alone
/// shows.
/// </summary>
internal sealed class DocumentTarget(TargetOptions target)
{
    /// <summary>The files; once for each document that the ledger was kept under.</summary>
    public Option<FileInfo[]> Files { get; } = new("--document")
    {
        CustomParser = FileValues.Inputs("Give the path of a negotiation document."),
        Description = "File with the negotiation's document, again for each that its ledger names. Default: those of the state folder.",
        HelpName = "file",
    };

    /// <summary>True when they are named by file.</summary>
    public bool AreNamed(ParseResult parsed) => parsed.GetValue(Files) is { Length: > 0 };

    /// <summary>Every document at hand, in no order; of the state folder possibly none.</summary>
    /// <exception cref="CliFault">A named file is no document, or one of another negotiation.</exception>
    public async Task<IReadOnlyList<NegotiationDocument>> ReadAllAsync(
        ParseResult parsed, string negotiation, CancellationToken cancellationToken)
    {
        if (!AreNamed(parsed)) return await DocumentFile.ReadAllAsync(target.StateFolder(parsed), negotiation, cancellationToken);
        var documents = new List<NegotiationDocument>();
        foreach (var file in parsed.GetRequiredValue(Files)) documents.Add(await ReadAsync(file, negotiation, cancellationToken));
        return documents;
    }

    /// <summary>The document in force: of those that are named the newest.</summary>
    /// <exception cref="CliFault">As above; or there is none, or two of the newest version.</exception>
    public async Task<NegotiationDocument> ReadInForceAsync(ParseResult parsed, string negotiation, CancellationToken cancellationToken)
    {
        if (!AreNamed(parsed)) return await DocumentFile.ReadAsync(target.StateFolder(parsed), negotiation, cancellationToken);
        var documents = await ReadAllAsync(parsed, negotiation, cancellationToken);
        var newest = documents.MaxBy(document => document.Version)!;
        if (documents.All(document => document.Version < newest.Version || document.PolicyDigest == newest.PolicyDigest)) return newest;
        throw new CliFault(
            string.Create(CultureInfo.InvariantCulture, $"Two documents of {negotiation} that differ are both version {newest.Version}."),
            "Give the one in force alone, beside older ones.");
    }

    private static async Task<NegotiationDocument> ReadAsync(FileInfo file, string negotiation, CancellationToken cancellationToken)
    {
        var content = await FileValues.ReadAsync(file, NegotiationDocument.MaxBytes, cancellationToken);
        var document = DocumentFile.Parse(content, file.Name);
        return document.Negotiation == negotiation
            ? document
            : throw new CliFault(
                $"{file.Name} is the document of {document.Negotiation}.",
                $"Expected one of {negotiation}: give that, or name the other negotiation with --negotiation where there is that option.");
    }
}
