namespace Relay.Client.Mediators;

/// <summary>
/// A client that holds itself back when a service refuses for load: it sends with a chance of twice what is taken over what is asked for
/// (Site Reliability Engineering, O'Reilly 2016, chapter 21, "Client-Side Throttling"). So a service that is over its limit hears of twice
/// what it takes and not of everything, and one that takes all hears of all. Thread-safe.
/// </summary>
/// <remarks>
/// Counted over two minutes, in which what is held back here counts as asked for: as long as an application asks for more than is taken,
/// it is held back; once it asks for less, or the service takes more, it no longer is.
/// </remarks>
/// <param name="time">Clock of the window.</param>
/// <param name="random">Uniform in [0, 1); called from any thread.</param>
internal sealed class AdaptiveThrottle(TimeProvider time, Func<double> random)
{
    /// <summary>How many times what is taken is asked for before anything is held back.</summary>
    public const int Multiplier = 2;

    /// <summary>So many in two minutes are asked for whatever comes of them: who tries a few times more is no load.</summary>
    public const int Free = 20;

    private const int Parts = 12;
    private static readonly TimeSpan Part = TimeSpan.FromSeconds(10);

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly (long Number, int Asked, int Taken)[] _parts = new (long, int, int)[Parts];

    /// <summary>Asks whether the next may be sent.</summary>
    /// <param name="asked">How many were asked for in the last two minutes, this one not counted.</param>
    /// <param name="taken">How many of them the service took.</param>
    public bool TryBegin(out int asked, out int taken)
    {
        lock (_gate)
        {
            (asked, taken) = Sum();
            Current().Asked++;
            return random() >= (asked - Multiplier * taken - Free) / (asked + 1.0);
        }
    }

    /// <summary>The service took one: it answered, and not that it is over its limit.</summary>
    public void Taken()
    {
        lock (_gate)
        {
            Current().Taken++;
        }
    }

    private long Number() => time.GetTimestamp() / (long)(Part.TotalSeconds * time.TimestampFrequency);

    private ref (long Number, int Asked, int Taken) Current()
    {
        var number = Number();
        ref var part = ref _parts[(int)(number % Parts)];
        if (part.Number != number) part = (number, 0, 0);
        return ref part;
    }

    private (int Asked, int Taken) Sum()
    {
        var oldest = Number() - Parts;
        var (asked, taken) = (0, 0);
        foreach (var part in _parts)
        {
            if (part.Number <= oldest) continue;
            asked += part.Asked;
            taken += part.Taken;
        }

        return (asked, taken);
    }
}
