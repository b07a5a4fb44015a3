using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Targets;

/// <summary>Reads negotiation documents of the state folder.</summary>
internal static class DocumentFile
{
    /// <exception cref="CliFault">There is none of that name, or it is not valid.</exception>
    public static async Task<NegotiationDocument> ReadAsync(string stateFolder, string negotiation, CancellationToken cancellationToken)
    {
        var path = LocalDirectory.PathOf(stateFolder, negotiation);
        if (!File.Exists(path))
        {
            throw new CliFault(
                $"There is no document of {negotiation} ({path}).",
                "Start the local stack with 'relay up', or put one there with 'relay directory put'.");
        }

        return Parse(await File.ReadAllBytesAsync(path, cancellationToken), path);
    }

    /// <param name="content">The document.</param>
    /// <param name="name">What the file is called, for the error.</param>
    /// <exception cref="CliFault">It is not valid.</exception>
    public static NegotiationDocument Parse(ReadOnlyMemory<byte> content, string name) =>
        NegotiationDocument.TryParse(content.Span, out var document, out var errors)
            ? document
            : throw new CliFault($"{name} is not a valid negotiation document.", string.Join(" ", errors));

    /// <summary>The document in force, if there is one here, and those before it that were put here.</summary>
    public static async Task<IReadOnlyList<NegotiationDocument>> ReadAllAsync(
        string stateFolder, string negotiation, CancellationToken cancellationToken)
    {
        var documents = new List<NegotiationDocument>();
        string[] paths = [LocalDirectory.PathOf(stateFolder, negotiation), .. LocalDirectory.Kept(stateFolder, negotiation)];
        foreach (var path in paths.Where(File.Exists))
        {
            if (NegotiationDocument.TryParse(await File.ReadAllBytesAsync(path, cancellationToken), out var document, out _))
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    /// <exception cref="CliFault">It is no delegation of the negotiation.</exception>
    public static void Require(NegotiationDocument document, string delegation)
    {
        if (document.Delegations.ContainsKey(delegation)) return;
        throw new CliFault(
            $"{delegation} is no delegation of {document.Negotiation}.",
            $"Its delegations are {string.Join(", ", document.Delegations.Keys)}.");
    }
}
