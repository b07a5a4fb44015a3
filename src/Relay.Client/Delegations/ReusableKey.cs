namespace Relay.Client.Delegations;

/// <summary>A key that has opened an envelope and opens others too.</summary>
/// <param name="KeyId">Its name.</param>
/// <param name="OpenableUntil">When it is removed; null for one that is kept for as long as its owner keeps it.</param>
public sealed record ReusableKey(string KeyId, DateTimeOffset? OpenableUntil)
{
    /// <summary>In words, as a receipt says it.</summary>
    public override string ToString() => OpenableUntil is { } until
        ? $"reusable key {KeyId}, can be opened until {until:u}"
        : $"lasting key {KeyId}, can be opened for as long as it is kept";
}
