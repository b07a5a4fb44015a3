namespace Emulator.ServiceBus.Diagnostics;

/// <summary>Counts of the last seconds: one sample a second, the oldest forgotten.</summary>
internal sealed class RateWindow : IDisposable
{
    private const int Seconds = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Guards the samples.
    private readonly Lock _gate = new();
    private readonly Queue<(long Timestamp, BrokerTotals Totals)> _samples = [];
    private readonly BrokerCounters _counters;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <param name="counters">What is sampled.</param>
    /// <param name="time">Real time: rates are what a watch would show.</param>
    public RateWindow(BrokerCounters counters, TimeProvider time)
    {
        _counters = counters;
        _time = time;
        Sample();
        _timer = time.CreateTimer(_ => Sample(), null, Interval, Interval);
    }

    /// <summary>What happened since the oldest sample, and how long that is.</summary>
    public (BrokerTotals Counts, TimeSpan Span) Read()
    {
        lock (_gate)
        {
            var (timestamp, totals) = _samples.Peek();
            return (_counters.Totals().Since(totals), _time.GetElapsedTime(timestamp));
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        lock (_gate)
        {
            _samples.Enqueue((_time.GetTimestamp(), _counters.Totals()));
            if (_samples.Count > Seconds) _samples.Dequeue();
        }
    }
}
