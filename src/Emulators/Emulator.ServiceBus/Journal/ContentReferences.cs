namespace Emulator.ServiceBus.Journal;

/// <summary>How many messages have a content. Most contents have one, so only the others are listed. Not thread-safe.</summary>
internal sealed class ContentReferences
{
    private readonly Dictionary<long, int> _shared = [];

    /// <summary>One more message has a content that is there already.</summary>
    public void Add(long key) => _shared[key] = _shared.GetValueOrDefault(key, 1) + 1;

    /// <summary>One message less.</summary>
    /// <returns>True when it was the last.</returns>
    public bool Release(long key)
    {
        if (!_shared.TryGetValue(key, out var count)) return true;
        if (count > 2) _shared[key] = count - 1;
        else _shared.Remove(key);
        return false;
    }

    /// <summary>At start: messages that have the content, 1 or more.</summary>
    public void Restore(long key, int count)
    {
        if (count > 1) _shared[key] = count;
    }
}
