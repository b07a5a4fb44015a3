using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// A namespace of its own for each key name that clients come with, in memory, made when the first of them does. Safe for concurrent use.
/// </summary>
/// <param name="own">The emulator's own.</param>
/// <param name="ownKeyName">Its key name.</param>
/// <param name="create">Makes the entities of another.</param>
internal sealed class KeyNamespaces(BrokerContext own, string ownKeyName, Func<NamespaceEntities> create) : IDisposable
{
    /// <summary>At most so many, since whoever makes up names makes up namespaces.</summary>
    public const int Most = 1_000;

    // Guards _others.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BrokerContext> _others = new(StringComparer.Ordinal);

    /// <summary>The namespace of a key name; null when there are too many.</summary>
    public BrokerContext? Of(string keyName)
    {
        if (keyName == ownKeyName) return own;
        lock (_gate)
        {
            if (_others.TryGetValue(keyName, out var known)) return known;
            if (_others.Count == Most) return null;
            return _others[keyName] = own with { Entities = create(), Journal = MemoryJournal.Instance };
        }
    }

    /// <summary>The entities of a key name; null when nobody has come with it.</summary>
    public NamespaceEntities? Find(string keyName)
    {
        lock (_gate)
        {
            return keyName == ownKeyName ? own.Entities : _others.GetValueOrDefault(keyName)?.Entities;
        }
    }

    /// <summary>Of all but the emulator's own.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var other in _others.Values) other.Entities.Dispose();
            _others.Clear();
        }
    }
}
