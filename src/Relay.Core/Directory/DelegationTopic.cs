using Relay.Protocol.Envelopes;

namespace Relay.Core.Directory;

/// <summary>The rule for topics that envelopes are forwarded to: <c>delegation-</c> and a name.</summary>
public static class DelegationTopic
{
    public const string Prefix = "delegation-";

    /// <summary>False for null and for every name that could be another entity of the bus.</summary>
    public static bool IsValid(string? topic) =>
        topic is not null && topic.StartsWith(Prefix, StringComparison.Ordinal) && RelayName.IsValid(topic.AsSpan(Prefix.Length));
}
