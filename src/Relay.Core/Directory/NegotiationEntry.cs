using Relay.Protocol.Negotiations;

namespace Relay.Core.Directory;

/// <summary>What the directory says about a negotiation: a document, none, or one that may not be used. Immutable.</summary>
internal sealed class NegotiationEntry
{
    /// <summary>There is no document.</summary>
    public static readonly NegotiationEntry Unknown = new();

    private NegotiationEntry()
    {
    }

    public NegotiationEntry(NegotiationDocument document, string? version)
    {
        Document = document;
        Version = version;
    }

    public NegotiationEntry(string problem, string? version)
    {
        Problem = problem;
        Version = version;
    }

    /// <summary>The validated document; null when there is none or <see cref="Problem"/> is set.</summary>
    public NegotiationDocument? Document { get; }

    /// <summary>Why the document may not be used; null when it may, or there is none.</summary>
    public string? Problem { get; }

    public string? Version { get; }
}
