using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Watching;

/// <summary>The negotiations of a local stack, and as whom each can be read.</summary>
internal static class LocalLedgers
{
    /// <summary>Every negotiation, with a delegation of it that has a certificate here.</summary>
    /// <param name="state">The state folder.</param>
    public static IEnumerable<(string Negotiation, string Delegation)> Find(string state)
    {
        foreach (var document in Documents(state))
        {
            var reader = document.Delegations.Keys.Order(StringComparer.Ordinal)
                .FirstOrDefault(name => File.Exists(LocalCertificates.ClientPath(state, name)));
            if (reader is not null) yield return (document.Negotiation, reader);
        }
    }

    /// <summary>The negotiations that a delegation is in.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="delegation">Its name.</param>
    public static IEnumerable<string> Of(string state, string delegation) =>
        Documents(state).Where(document => document.Delegations.ContainsKey(delegation)).Select(document => document.Negotiation);

    /// <summary>The topics of all delegations, each once.</summary>
    /// <param name="state">The state folder.</param>
    public static IEnumerable<string> Topics(string state) => Documents(state)
        .SelectMany(document => document.Delegations.Values)
        .Select(delegation => delegation.Topic)
        .Distinct(StringComparer.Ordinal);

    private static IEnumerable<NegotiationDocument> Documents(string state)
    {
        var folder = LocalDirectory.Folder(state);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read).OfType<NegotiationDocument>()
            : [];
    }

    // Somebody may be writing it: then it is there the next time.
    private static NegotiationDocument? Read(string path)
    {
        try
        {
            return NegotiationDocument.TryParse(File.ReadAllBytes(path), out var document, out _) ? document : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
