namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>What is put on the <c>$cbs</c> node to be let in.</summary>
/// <param name="Value">The token. A secret.</param>
/// <param name="Type"><see cref="SharedAccess"/> or <see cref="JsonWebToken"/>.</param>
/// <param name="ExpiresAt">End of validity.</param>
internal readonly record struct CbsToken(string Value, string Type, DateTimeOffset ExpiresAt)
{
    public const string SharedAccess = "servicebus.windows.net:sastoken";
    public const string JsonWebToken = "jwt";

    /// <summary>Shows no part of the token.</summary>
    public override string ToString() => $"{Type} until {ExpiresAt:O}";
}
