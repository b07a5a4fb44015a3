using Relay.Protocol.Keys;

namespace Relay.Checker;

/// <summary>The public half of a version of a mediator's key, and its time: what it signed outside of that counts for nothing.</summary>
/// <param name="Jwk">The key.</param>
/// <param name="NotBefore">First moment; null for no bound.</param>
/// <param name="ExpiresOn">First moment after; null for no bound.</param>
/// <param name="CompromisedSince">From when on others may have signed with it; null when nobody said so.</param>
public sealed record DatedKey(PublicJwk Jwk, DateTimeOffset? NotBefore, DateTimeOffset? ExpiresOn, DateTimeOffset? CompromisedSince)
{
    /// <summary>True of what was signed then. That a version has expired or was disabled since takes nothing from it.</summary>
    internal bool CountsAt(DateTimeOffset moment) => !(moment < NotBefore || moment >= ExpiresOn || moment >= CompromisedSince);
}
