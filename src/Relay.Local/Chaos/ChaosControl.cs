using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>Has commands take effect on a running stack. Safe for concurrent use.</summary>
public sealed class ChaosControl
{
    private readonly ChaosBoard _board;
    private readonly MovableClock _clock;
    private readonly IReadOnlyDictionary<Dependency, LoopbackGate> _gates;

    // One command after another. No await inside.
    private readonly Lock _commands = new();

    /// <param name="board">What both processes look at.</param>
    /// <param name="clock">That of bus and vault.</param>
    /// <param name="gates">In front of those that are reached by connections.</param>
    internal ChaosControl(ChaosBoard board, MovableClock clock, IReadOnlyDictionary<Dependency, LoopbackGate> gates)
    {
        _board = board;
        _clock = clock;
        _gates = gates;
    }

    /// <summary>What is disturbed now, as words of commands, one for each dependency and clock.</summary>
    public IReadOnlyList<string> Words =>
    [
        .. Enum.GetValues<Dependency>().Select(dependency => $"{dependency.ToText()}={_board[dependency]}"),
        $"clock={Text(_board.ClockSkew)}",
        $"time={Text(_board.TimeShift)}",
    ];

    /// <summary>In force when this returns.</summary>
    public void Apply(ChaosWord command)
    {
        ArgumentNullException.ThrowIfNull(command);
        lock (_commands)
        {
            foreach (var dependency in command.Dependencies) Apply(dependency, command.Disturbance);
            if (command.ClockSkew is { } skew) _board.ClockSkew = skew;
            if (command.TimeShift is not { } shift) return;
            var by = shift - _board.TimeShift;
            _board.TimeShift = shift;
            _clock.Moved(by);
        }
    }

    /// <summary>Ends every disturbance of a dependency, so that a stack can stop in order.</summary>
    internal void Calm()
    {
        lock (_commands)
        {
            foreach (var dependency in Enum.GetValues<Dependency>()) Apply(dependency, default(Disturbance));
        }
    }

    private static string Text(TimeSpan offset) =>
        offset == TimeSpan.Zero ? "0" : FormattableString.Invariant($"{offset.TotalSeconds:+0;-0}s");

    private void Apply(Dependency dependency, Disturbance? disturbance)
    {
        var gate = _gates.GetValueOrDefault(dependency);
        if (disturbance is { } suffered)
        {
            _board[dependency] = suffered;
            if (suffered.Kind == DisturbanceKind.Down) gate?.Refuse();
            else gate?.Reopen();
        }
        else if (gate is not null)
        {
            gate.Cut();
        }
        else
        {
            _board.Cut(dependency);
        }
    }
}
