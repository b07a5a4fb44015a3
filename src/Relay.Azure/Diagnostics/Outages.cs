using System.Collections.Concurrent;

namespace Relay.Azure.Diagnostics;

/// <summary>
/// Knows which of a few named things are down, so that an outage is reported once when it begins and once when it ends. Thread-safe.
/// </summary>
/// <remarks>
/// Names are entities, keys and folders of the configuration and the directory, so there are few; never names a peer chose.
/// </remarks>
internal sealed class Outages
{
    private readonly ConcurrentDictionary<string, byte> _down = new(StringComparer.Ordinal);

    /// <summary>True when <paramref name="name"/> was not down before.</summary>
    public bool Begin(string name) => _down.TryAdd(name, 0);

    /// <summary>True when <paramref name="name"/> was down before.</summary>
    public bool End(string name) => !_down.IsEmpty && _down.TryRemove(name, out _);
}
