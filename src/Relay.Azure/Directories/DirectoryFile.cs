using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Envelopes;

namespace Relay.Azure.Directories;

/// <summary>Name of the blob or file that has a negotiation's document: <c>{negotiation}.json</c>.</summary>
internal static class DirectoryFile
{
    private const string Extension = ".json";

    /// <param name="negotiation">A name that keeps the rule of names.</param>
    public static string Name(string negotiation) => negotiation + Extension;

    /// <summary>False for every name that no negotiation's document has.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out string? negotiation)
    {
        negotiation = name.EndsWith(Extension, StringComparison.Ordinal) ? name[..^Extension.Length] : null;
        return RelayName.IsValid(negotiation);
    }
}
