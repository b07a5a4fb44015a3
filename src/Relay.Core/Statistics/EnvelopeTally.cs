using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Statistics;

/// <summary>What was counted of one negotiation's envelopes over some time. Not safe for concurrent use.</summary>
public sealed class EnvelopeTally
{
    /// <summary>Ends of embargoes that are told apart: 64. What is embargoed beyond counts with the last of them.</summary>
    public const int MaxEmbargoes = 64;

    private static readonly int Verdicts = Enum.GetValues<Verdict>().Length;

    private readonly int[] _ruled = new int[Verdicts];
    private readonly int[] _refused = new int[Verdicts];
    private readonly LatencyTally?[] _latency = new LatencyTally?[2];

    private SortedDictionary<long, int>? _embargoes;

    /// <summary>Envelopes put back until their time, by the minute since 1970 in which that is; one that came again counts again.</summary>
    public IReadOnlyDictionary<long, int> Embargoes => _embargoes ?? [];

    /// <summary>Sizes of what was forwarded, at once or after it was held; null where nothing was.</summary>
    public SizeTally? Sizes { get; private set; }

    /// <summary>Held envelopes that were forwarded.</summary>
    public int Released { get; private set; }

    /// <summary>
    /// All of <see cref="Ruled"/>, <see cref="Refused"/> and <see cref="Released"/>: while it is the same nothing has been counted, for
    /// what else there is is counted with one of these.
    /// </summary>
    public int Total { get; private set; }

    /// <summary>Messages off the queues that were settled by a verdict, copies among them.</summary>
    public int Ruled(Verdict verdict) => _ruled[(int)verdict];

    /// <summary>Submissions over HTTP that were refused by a verdict; no message of theirs was on a queue.</summary>
    public int Refused(Verdict verdict) => _refused[(int)verdict];

    /// <summary>Receipt to settlement of what was forwarded; null where nothing was.</summary>
    public LatencyTally? Latency(Lane lane) => _latency[(int)lane];

    /// <summary>Adds to <see cref="Ruled"/>.</summary>
    public void AddRuled(Verdict verdict, int count = 1)
    {
        _ruled[(int)verdict] += count;
        Total += count;
    }

    /// <summary>Adds to <see cref="Refused"/>.</summary>
    public void AddRefused(Verdict verdict, int count = 1)
    {
        _refused[(int)verdict] += count;
        Total += count;
    }

    /// <summary>Adds to <see cref="Released"/>.</summary>
    public void AddReleased(int count = 1)
    {
        Released += count;
        Total += count;
    }

    /// <summary>Adds to <see cref="Embargoes"/>.</summary>
    public void AddEmbargoed(long minute, int count = 1)
    {
        _embargoes ??= [];
        if (_embargoes.Count >= MaxEmbargoes && !_embargoes.ContainsKey(minute)) minute = _embargoes.Keys.Last();
        _embargoes[minute] = _embargoes.GetValueOrDefault(minute) + count;
    }

    /// <summary>The sizes, to add to.</summary>
    public SizeTally SizesToAdd() => Sizes ??= new SizeTally();

    /// <summary>The lane's latencies, to add to.</summary>
    public LatencyTally LatencyToAdd(Lane lane) => _latency[(int)lane] ??= new LatencyTally();

    /// <summary>Adds all of another.</summary>
    public void Add(EnvelopeTally other)
    {
        AddFlow(other, 1);
        foreach (var (minute, count) in other.Embargoes) AddEmbargoed(minute, count);
    }

    /// <summary>Adds another but its embargoes, so that it can be taken away again.</summary>
    /// <param name="other">The other.</param>
    /// <param name="times">1 to add it, -1 to take away what was added.</param>
    internal void AddFlow(EnvelopeTally other, int times)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < Verdicts; i++)
        {
            _ruled[i] += times * other._ruled[i];
            _refused[i] += times * other._refused[i];
        }

        Released += times * other.Released;
        Total += times * other.Total;
        for (var i = 0; i < _latency.Length; i++)
        {
            if (other._latency[i] is { } latency) (_latency[i] ??= new LatencyTally()).AddAll(latency, times);
        }

        if (other.Sizes is { } sizes) SizesToAdd().AddAll(sizes, times);
    }
}
