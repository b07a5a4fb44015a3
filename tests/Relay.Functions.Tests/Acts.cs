namespace Relay.Functions.Tests;

/// <summary>What happened to messages, in order. Thread-safe.</summary>
internal sealed class Acts
{
    // Guards the list.
    private readonly Lock _gate = new();
    private readonly List<(string Act, long? Message)> _acts = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _acts.Select(act => act.Act)];
            }
        }
    }

    public void Add(string act, long? message = null)
    {
        lock (_gate)
        {
            _acts.Add((act, message));
        }
    }

    /// <summary>How one message was settled.</summary>
    /// <param name="message">Its sequence number.</param>
    public IReadOnlyList<string> Of(long message)
    {
        lock (_gate)
        {
            return [.. _acts.Where(act => act.Message == message).Select(act => act.Act)];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _acts.Clear();
        }
    }
}
