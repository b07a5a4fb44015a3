using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Envelopes that wait for a ledger's commits, by lane: urgent ones go first, and of what there is room for normal ones keep a tenth.
/// Within a lane the first is first, so the order in a stream never changes. Not for concurrent use.
/// </summary>
/// <param name="mostWaiting">Most that wait of each lane: a lane that is full refuses nothing of the other.</param>
internal sealed class LanedEnvelopes(int mostWaiting)
{
    private const int Tenths = 10;

    private readonly Queue<WaitingEnvelope> _urgent = new();
    private readonly Queue<WaitingEnvelope> _normal = new();

    // Room that normal ones are still owed of the groups so far, in tenths of an envelope: a group of fewer than ten owes less than one.
    private int _owed;

    public int Count => _urgent.Count + _normal.Count;

    /// <summary>False when as many of its lane wait as may.</summary>
    public bool TryAdd(WaitingEnvelope envelope)
    {
        var lane = envelope.Candidate.Id.Lane switch
        {
            Lane.Urgent => _urgent,
            Lane.Normal => _normal,
        };
        if (lane.Count >= mostWaiting) return false;
        lane.Enqueue(envelope);
        return true;
    }

    /// <summary>Takes those of the next commit.</summary>
    /// <param name="most">At most so many, 1 or more.</param>
    /// <param name="mostBytes">Of so many bytes, but one however long it is.</param>
    public List<WaitingEnvelope> Take(int most, int mostBytes)
    {
        var taken = new List<WaitingEnvelope>(Math.Min(most, Count));
        var bytes = 0L;
        _owed = _normal.Count == 0 ? 0 : _owed + most;
        var kept = Math.Min(_owed / Tenths, _normal.Count);
        // Bytes are kept by the same part as places.
        Fill(_urgent, most - kept, mostBytes - (long)mostBytes * kept / most);
        var before = taken.Count;
        Fill(_normal, most, mostBytes);
        _owed = Math.Max(0, _owed - Tenths * (taken.Count - before));
        Fill(_urgent, most, mostBytes);
        return taken;

        void Fill(Queue<WaitingEnvelope> lane, int places, long room)
        {
            while (taken.Count < places && lane.TryPeek(out var next))
            {
                var length = next.Candidate.Wire.Length;
                if (bytes + length > room && taken.Count > 0) return;
                bytes += length;
                taken.Add(lane.Dequeue());
            }
        }
    }
}
