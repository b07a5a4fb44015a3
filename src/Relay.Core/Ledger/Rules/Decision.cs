using System.Collections.Immutable;
using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Rules;

/// <summary>What a group of candidates makes of a ledger. Nothing of it has happened yet. Immutable.</summary>
public sealed record Decision
{
    /// <summary>
    /// The state afterwards, but for the <c>chunk</c> of streams with new entries, which is known once the chunks are written.
    /// </summary>
    public required LedgerState State { get; init; }

    /// <summary>Texts of the new entries, the first at the index that was the size before.</summary>
    public required ImmutableArray<NewEntry> Entries { get; init; }

    /// <summary>Held envelopes, evidence, where acknowledgements are and who has which prekeys: to be put, whole names.</summary>
    public required ImmutableArray<StagedBlob> Puts { get; init; }

    /// <summary>Held envelopes and pages of claims that are over, whole names.</summary>
    public required ImmutableArray<string> Deletes { get; init; }

    /// <summary>One for each candidate, in the order they were given.</summary>
    public required ImmutableArray<CandidateRuling> Rulings { get; init; }

    /// <summary>One for each acknowledgement, in the order they were given.</summary>
    public required ImmutableArray<AcknowledgementRuling> Acknowledgements { get; init; }

    /// <summary>One for each bundle and claim of prekeys, in the order they were given.</summary>
    public ImmutableArray<PrekeyRuling> Prekeys { get; init; } = [];

    /// <summary>One for each change of mode, in the order they were given.</summary>
    public ImmutableArray<ModeRuling> Modes { get; init; } = [];

    /// <summary>The pages of claims among <see cref="Puts"/>, by SHA-256 of their blobs.</summary>
    public IReadOnlyDictionary<Digest, ClaimPage> ClaimPages { get; init; } = ImmutableDictionary<Digest, ClaimPage>.Empty;

    /// <summary>Held envelopes that this decision logs and that are to be forwarded by whoever commits it.</summary>
    public required ImmutableArray<Release> Releases { get; init; }

    /// <summary>What happened that somebody may want to know.</summary>
    public required ImmutableArray<LedgerSignal> Signals { get; init; }

    /// <summary>False when the state is the old one: there is nothing to commit.</summary>
    public required bool Changes { get; init; }

    /// <summary>
    /// True when a ruling holds only for the newest head, and the head given may be an older one: decide again on one just read.
    /// </summary>
    public required bool NeedsFreshHead { get; init; }
}

/// <summary>An entry to be appended.</summary>
/// <param name="Text">Its bytes.</param>
/// <param name="Leaf">Its leaf hash.</param>
/// <param name="Stream">Position of the stream whose next envelope it is; -1 for other kinds.</param>
public readonly record struct NewEntry(ReadOnlyMemory<byte> Text, Digest Leaf, int Stream)
{
    /// <summary>What the text says, which receipts are made of; null for a text of which none is asked for.</summary>
    public LedgerEntry? Entry { get; init; }
}

/// <summary>A held envelope that is logged now.</summary>
/// <param name="Index">Ledger index.</param>
/// <param name="Envelope">The envelope.</param>
public sealed record Release(long Index, Candidate Envelope);
