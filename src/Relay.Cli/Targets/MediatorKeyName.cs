using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Targets;

/// <summary>How a document spells the key of a mediator, beside how the vault does.</summary>
internal static class MediatorKeyName
{
    /// <summary>What the vault is asked for: the last part of <c>https://{host}/keys/{name}</c>.</summary>
    public static string Of(NegotiationMediator mediator) => mediator.Key[(mediator.Key.LastIndexOf('/') + 1)..];

    /// <summary>What to tell of a key that is spelt in two ways; null when it is spelt in one.</summary>
    /// <param name="mediator">As the document has it.</param>
    /// <param name="key">The same key as the vault spells it.</param>
    public static string? SpeltTwice(NegotiationMediator mediator, KeyIdentifier key) => key.Key == mediator.Key
        ? null
        : $"{mediator.Name}: the document spells its key {mediator.Key}, the vault {key.Key}. They are one key: the case does not count.";
}
