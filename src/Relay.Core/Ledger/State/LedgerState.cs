using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>What a decision starts from and ends in: everything a ledger knows beside its immutable blobs. Immutable.</summary>
public sealed record LedgerState
{
    /// <summary>A ledger without a commit.</summary>
    public static readonly LedgerState Empty = new()
    {
        Commit = 0,
        Range = new CompactRange(),
        At = DateTimeOffset.UnixEpoch,
        Policy = new PolicyState(0, default),
        Streams = [],
        Outstanding = [],
    };

    /// <summary>Counts swaps of the head, from 1; 0 before the first.</summary>
    public required long Commit { get; init; }

    /// <summary>The tree reduced to what appending needs. Never appended to: take a clone.</summary>
    public required CompactRange Range { get; init; }

    /// <summary>Time of the newest decision, whole milliseconds; no entry is younger, and none to come is older.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The negotiation document in force; version 0 before the first.</summary>
    public required PolicyState Policy { get; init; }

    /// <summary>Streams in the order in which they first appeared, each once; none is ever removed.</summary>
    public required ImmutableArray<StreamState> Streams { get; init; }

    /// <summary>Entries not yet known to be forwarded, by rising index, in runs.</summary>
    public required ImmutableArray<OutstandingEntry> Outstanding { get; init; }

    /// <summary>Bundles of prekeys in force, one for each delegation that has published any; none is ever removed.</summary>
    public ImmutableArray<PrekeyState> Prekeys { get; init; } = [];

    /// <summary>
    /// Of the negotiation's rate, as <see cref="StreamState.Due"/> of a stream's: when the next envelope of any stream would come at it.
    /// </summary>
    public long Due { get; init; }

    /// <summary>What an operator has put in force: the newest mode entry's, open before the first.</summary>
    public NegotiationMode Mode { get; init; }

    /// <summary>Entries in the tree.</summary>
    public long Size => Range.Size;

    /// <summary>The position of a stream in <see cref="Streams"/>; -1 when it has not appeared.</summary>
    public int IndexOf(string sender, Lane lane)
    {
        for (var i = 0; i < Streams.Length; i++)
        {
            if (Streams[i].Lane == lane && Streams[i].Sender == sender) return i;
        }

        return -1;
    }

    /// <summary>The bundle in force of a delegation; null when it has published none.</summary>
    public PrekeyState? FindPrekeys(string delegation)
    {
        foreach (var prekeys in Prekeys)
        {
            if (prekeys.Delegation == delegation) return prekeys;
        }

        return null;
    }
}

/// <summary>Which negotiation document is in force.</summary>
/// <param name="Version">Its version, from 1; 0 for none yet.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
public sealed record PolicyState(long Version, Digest Digest);

/// <summary>Where one stream stands.</summary>
/// <param name="Sender">The sending delegation.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Last">Highest logged sequence; 0 when the stream has only held envelopes.</param>
/// <param name="Digest">Digest of the envelope <paramref name="Last"/>; zero bytes when there is none.</param>
/// <param name="Chunk">SHA-256 of the newest stream chunk; zero bytes when there is none.</param>
/// <param name="Held">Envelopes that wait for a gap, by rising sequence, all above <paramref name="Last"/>.</param>
public sealed record StreamState(string Sender, Lane Lane, long Last, Digest Digest, Digest Chunk, ImmutableArray<HeldEnvelope> Held)
{
    /// <summary>
    /// When the stream's next envelope would come if it kept to its rate, in microseconds since 1970; 0 where that is not after
    /// <see cref="LedgerState.At"/>, and where there is no rate.
    /// </summary>
    public long Due { get; init; }

    /// <summary>How many of the stream go before a sequence and are neither logged nor held.</summary>
    /// <param name="sequence">Above <see cref="Last"/>.</param>
    public long Before(long sequence)
    {
        var before = sequence - Last - 1;
        foreach (var held in Held)
        {
            if (held.Sequence < sequence) before--;
        }

        return before;
    }

    /// <summary>The held envelope of a sequence; null when there is none.</summary>
    public HeldEnvelope? FindHeld(long sequence)
    {
        foreach (var held in Held)
        {
            if (held.Sequence == sequence) return held;
        }

        return null;
    }
}

/// <summary>An envelope that waits for the one before it.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Digest">Digest of the envelope.</param>
/// <param name="Blob">SHA-256 of the blob that keeps it.</param>
/// <param name="ExpiresAt">Its <c>exp</c>, whole seconds.</param>
public sealed record HeldEnvelope(long Sequence, Digest Digest, Digest Blob, DateTimeOffset ExpiresAt);

/// <summary>
/// Entries of envelopes not yet known to be forwarded: one that was held before, or a run of others, whose envelopes are still on the queue
/// or were forwarded by a worker that died before it had that recorded.
/// </summary>
/// <param name="Index">Ledger index of the first.</param>
/// <param name="ExpiresAt">Greatest <c>exp</c> among the envelopes, whole seconds.</param>
/// <param name="Released">Where its bytes are kept when it was held before; null otherwise.</param>
/// <param name="Count">How many entries, one after another; 1 where it was held before.</param>
public sealed record OutstandingEntry(long Index, DateTimeOffset ExpiresAt, ReleasedEnvelope? Released, int Count = 1)
{
    /// <summary>Ledger index after the last.</summary>
    public long End => Index + Count;
}

/// <summary>Where a released envelope is kept until it is forwarded.</summary>
/// <param name="Stream">Position in <see cref="LedgerState.Streams"/>.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Blob">SHA-256 of the blob that keeps it.</param>
public sealed record ReleasedEnvelope(int Stream, long Sequence, Digest Blob);
