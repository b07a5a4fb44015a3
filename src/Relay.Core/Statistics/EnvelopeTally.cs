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

    /// <summary>Held envelopes that were forwarded.</summary>
    public int Released { get; private set; }

    /// <summary>Messages off the queues that were settled by a verdict, copies among them.</summary>
    public int Ruled(Verdict verdict) => _ruled[(int)verdict];

    /// <summary>Submissions over HTTP that were refused by a verdict; no message of theirs was on a queue.</summary>
    public int Refused(Verdict verdict) => _refused[(int)verdict];

    /// <summary>Receipt to settlement of what was forwarded; null where nothing was.</summary>
    public LatencyTally? Latency(Lane lane) => _latency[(int)lane];

    /// <summary>Adds to <see cref="Ruled"/>.</summary>
    public void AddRuled(Verdict verdict, int count = 1) => _ruled[(int)verdict] += count;

    /// <summary>Adds to <see cref="Refused"/>.</summary>
    public void AddRefused(Verdict verdict, int count = 1) => _refused[(int)verdict] += count;

    /// <summary>Adds to <see cref="Released"/>.</summary>
    public void AddReleased(int count = 1) => Released += count;

    /// <summary>Adds to <see cref="Embargoes"/>.</summary>
    public void AddEmbargoed(long minute, int count = 1)
    {
        _embargoes ??= [];
        if (_embargoes.Count >= MaxEmbargoes && !_embargoes.ContainsKey(minute)) minute = _embargoes.Keys.Last();
        _embargoes[minute] = _embargoes.GetValueOrDefault(minute) + count;
    }

    /// <summary>The lane's latencies, to add to.</summary>
    public LatencyTally LatencyToAdd(Lane lane) => _latency[(int)lane] ??= new LatencyTally();

    /// <summary>Adds all of another.</summary>
    public void Add(EnvelopeTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < Verdicts; i++)
        {
            _ruled[i] += other._ruled[i];
            _refused[i] += other._refused[i];
        }

        Released += other.Released;
        foreach (var (minute, count) in other.Embargoes) AddEmbargoed(minute, count);
        foreach (var lane in Enum.GetValues<Lane>())
        {
            if (other._latency[(int)lane] is { } latency) LatencyToAdd(lane).Add(latency);
        }
    }
}
