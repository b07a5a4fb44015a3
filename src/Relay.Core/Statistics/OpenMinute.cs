namespace Relay.Core.Statistics;

/// <summary>A minute in which this worker counts, or has counted what the store does not have yet. Safe for concurrent use.</summary>
/// <param name="minute">Which, since 1970.</param>
/// <param name="gate">The lock of all that this worker counts.</param>
internal sealed class OpenMinute(long minute, Lock gate)
{
    // Guarded by the gate, as all below.
    private readonly TallyWindow _window = new();
    private (byte[] Content, long Version)? _written;

    /// <summary>Which, since 1970.</summary>
    public long Minute => minute;

    /// <summary>The version that the store has; 0 for none. Under the gate.</summary>
    public long Stored { get; set; }

    /// <summary>Rises with each change. Under the gate.</summary>
    public long Version { get; private set; }

    /// <summary>What is counted, to add to. Under the gate.</summary>
    public TallyWindow Change()
    {
        Version++;
        return _window;
    }

    /// <summary>What is counted by now as <see cref="TallyText"/> writes it, once a version however many ask.</summary>
    public (byte[] Content, long Version) Read()
    {
        lock (gate)
        {
            if (_written is not { } written || written.Version != Version) _written = written = (TallyText.Write(_window), Version);
            return written;
        }
    }

    /// <summary>A negotiation's <see cref="EnvelopeTally.Total"/> by now; 0 for none.</summary>
    public int TotalOf(string negotiation)
    {
        lock (gate)
        {
            return _window.Negotiations.TryGetValue(negotiation, out var tally) ? tally.Total : 0;
        }
    }

    /// <summary>Adds what is counted by now of a negotiation.</summary>
    public void AddTo(EnvelopeTally sum, string negotiation)
    {
        lock (gate)
        {
            if (_window.Negotiations.TryGetValue(negotiation, out var tally)) sum.Add(tally);
        }
    }
}
