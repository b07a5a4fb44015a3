using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Rare;

/// <summary>What one worker last did to the store: where it stands in a commit when it dies.</summary>
internal sealed class StoreTrail(RareStates states, SimKernel kernel, SimLife life)
{
    // As the app has it: what is later is given up.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private string _lastPut = "";

    public void OnRead(string name, SimStore.Blob? blob)
    {
        if (blob is { Intact: false }) states.Note(RareState.TornWriteRead);
        if (name.Contains("/staging/", StringComparison.Ordinal)) states.NoteReading(name, this);
    }

    /// <param name="name">Name of the blob.</param>
    /// <param name="stored">It is there now.</param>
    /// <param name="torn">Half of it is.</param>
    /// <param name="sentAt">When the worker sent it.</param>
    /// <param name="isBegun">The ledger has a head.</param>
    public void OnPut(string name, bool stored, bool torn, DateTimeOffset sentAt, bool isBegun)
    {
        if (stored && torn) states.Note(RareState.TornWriteLeft);
        if (IsHead(name)) NoteSwap(stored, sentAt);
        if (!stored || torn) return;
        if (IsStaging(name)) states.NoteStaging(name, this);
        if (isBegun && name.Contains("/certificate/", StringComparison.Ordinal)) states.Note(RareState.KeyChanged);
        _lastPut = name;
    }

    public void OnKilled()
    {
        if (IsStaging(_lastPut)) states.Note(RareState.KilledBetweenStagingAndSwap);
        else if (IsHead(_lastPut)) states.Note(RareState.KilledBetweenSwapAndPublishing);
        else if (_lastPut.Length > 0 && !_lastPut.EndsWith("/checkpoint", StringComparison.Ordinal))
        {
            states.Note(RareState.KilledWhilePublishing);
        }
    }

    private void NoteSwap(bool stored, DateTimeOffset sentAt)
    {
        if (!stored) states.Note(RareState.SwapLost);
        else if (!life.Alive) states.Note(RareState.SwapAfterDeath);
        else if (kernel.Now - sentAt > Deadline) states.Note(RareState.SwapAfterDeadline);
    }

    private static bool IsStaging(string name) => name.Contains("/staging/", StringComparison.Ordinal);

    private static bool IsHead(string name) => name.EndsWith("/head", StringComparison.Ordinal);
}
