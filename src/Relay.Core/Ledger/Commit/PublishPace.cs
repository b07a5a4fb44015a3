using System.Collections.Immutable;
using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// When what stands behind a ledger's head is put in its places: once it is much, and by few of the workers that share the ledger. Not
/// for concurrent use.
/// </summary>
internal sealed class PublishPace(string negotiation, LedgerServices services)
{
    // So many commits of our own after another worker's it is taken to be at work no longer.
    private const int SharedCommits = 8;
    private const int SharedTimes = 4;
    private const int HeldTimes = 4;

    private readonly string _held = LedgerPaths.HeldOf(negotiation);

    // Numbers of the newest head that was read or written here, and of the newest of another worker's; 0 before the first.
    private long _newest;
    private long _others;

    /// <summary>True while another worker commits to the ledger, too.</summary>
    public bool IsShared => _others > 0 && _newest - _others < SharedCommits;

    /// <summary>A head was read.</summary>
    /// <returns>True when another worker has committed since the one before.</returns>
    public bool NoteRead(LedgerState state)
    {
        var isOthers = _newest > 0 && state.Commit > _newest;
        if (isOthers) _others = state.Commit;
        _newest = state.Commit;
        return isOthers;
    }

    /// <summary>A head was written here.</summary>
    public void NoteWritten(LedgerState state) => _newest = state.Commit;

    /// <summary>
    /// True for whoever has committed what stands there. Several workers on one ledger would all publish the same: of each commit's worker
    /// one in a few does, until it becomes much more.
    /// </summary>
    public bool IsDue(StagedCommit staged)
    {
        if (!IsMuch(staged)) return false;
        return !IsShared || IsMuch(staged, SharedTimes) || services.Random() < 1.0 / SharedTimes;
    }

    /// <summary>True when it is so much that a commit carries it on no longer.</summary>
    public bool IsMuch(StagedCommit staged) => IsMuch(staged, 1);

    /// <summary>
    /// What stays behind the head all the same: what waits for a gap goes soon, and is put in a place of its own, and taken away again,
    /// only where it is much.
    /// </summary>
    public ImmutableArray<StagedBlob> Staying(StagedCommit staged)
    {
        var held = staged.Puts.RemoveAll(put => !IsHeld(put));
        return BytesOf(held) > MostHeld ? [] : held;
    }

    private bool IsMuch(StagedCommit staged, int times)
    {
        if (staged.Puts.IsEmpty) return false;
        var held = BytesOf(staged.Puts.Where(IsHeld));
        return staged.Length - held > times * (long)services.Options.PublishBeyond || held > times * MostHeld;
    }

    private long MostHeld => HeldTimes * (long)services.Options.PublishBeyond;

    private bool IsHeld(StagedBlob put) => put.Name.StartsWith(_held, StringComparison.Ordinal);

    private static long BytesOf(IEnumerable<StagedBlob> puts) => puts.Sum(static put => (long)put.Content.Length);
}
