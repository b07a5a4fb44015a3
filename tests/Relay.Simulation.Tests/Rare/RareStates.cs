namespace Relay.Simulation.Tests.Rare;

/// <summary>The rare states that one world has come through.</summary>
internal sealed class RareStates
{
    private readonly HashSet<RareState> _seen = [];

    // Who staged which blob first, and who released which entry first.
    private readonly Dictionary<string, StoreTrail> _staged = [];
    private readonly Dictionary<(string Negotiation, long Index), object> _released = [];

    public IReadOnlyCollection<RareState> Seen => _seen;

    public void Note(RareState state) => _seen.Add(state);

    public void NoteStaging(string name, StoreTrail by) => _staged.TryAdd(name, by);

    public void NotePublishing(string name, StoreTrail by)
    {
        if (_staged.TryGetValue(name, out var stager) && stager != by) Note(RareState.RecoveredByAnother);
    }

    public void NoteRelease(string negotiation, long index, object worker)
    {
        Note(RareState.HeldReleased);
        if (!_released.TryAdd((negotiation, index), worker) && _released[(negotiation, index)] != worker) Note(RareState.ReleaseTakenOver);
    }
}
