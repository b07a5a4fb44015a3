using Relay.Core.Ledger.State;
using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Rare;

/// <summary>What one worker last did to the store: where it stands in a commit when it dies.</summary>
internal sealed class StoreTrail(RareStates states, SimKernel kernel, SimLife life)
{
    // As the app has it: what is later is given up.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private string _last = "";
    private bool _deleted;

    public void OnRead(string name, SimStore.Blob? blob)
    {
        if (blob is { Intact: false }) states.Note(RareState.TornWriteRead);
    }

    /// <param name="name">Name of the blob.</param>
    /// <param name="stored">It is there now.</param>
    /// <param name="torn">Half of it is.</param>
    /// <param name="sentAt">When the worker sent it.</param>
    /// <param name="isBegun">The ledger has a head.</param>
    /// <param name="content">What it was put with.</param>
    public void OnPut(string name, bool stored, bool torn, DateTimeOffset sentAt, bool isBegun, byte[] content)
    {
        if (stored && torn) states.Note(RareState.TornWriteLeft);
        if (IsHead(name)) NoteSwap(stored, sentAt);
        if (!stored || torn) return;
        if (IsHead(name)) NoteStaged(content);
        else states.NotePublishing(name, this);
        if (isBegun && name.Contains("/certificate/", StringComparison.Ordinal)) states.Note(RareState.KeyChanged);
        (_last, _deleted) = (name, false);
    }

    public void OnDelete() => _deleted = true;

    public void OnKilled()
    {
        if (_last.Length == 0) return;
        if (_deleted) states.Note(RareState.KilledWhileClearing);
        else if (IsHead(_last)) states.Note(RareState.KilledBetweenSwapAndPublishing);
        else if (_last.EndsWith("/checkpoint", StringComparison.Ordinal)) states.Note(RareState.KilledBetweenPublishingAndSwap);
        else states.Note(RareState.KilledWhilePublishing);
    }

    private void NoteSwap(bool stored, DateTimeOffset sentAt)
    {
        if (!stored) states.Note(RareState.SwapLost);
        else if (!life.Alive) states.Note(RareState.SwapAfterDeath);
        else if (kernel.Now - sentAt > Deadline) states.Note(RareState.SwapAfterDeadline);
    }

    private void NoteStaged(byte[] head)
    {
        if (!HeadCodec.TryRead(head, out var read, out _, out _) || read.Staged is not { } staged) return;
        foreach (var put in staged.Puts) states.NoteStaging(put.Name, this);
    }

    private static bool IsHead(string name) => name.EndsWith("/head", StringComparison.Ordinal);
}
