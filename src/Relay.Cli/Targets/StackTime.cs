using System.CommandLine;
using System.CommandLine.Parsing;
using Relay.Cli.Parsing;
using Relay.Local;
using Relay.Local.Chaos;

namespace Relay.Cli.Targets;

/// <summary>
/// The time that a command goes by: this machine's, and for a command on a local stack whose time was moved, the stack's, from reading to
/// reading. Timers and elapsed time are this machine's.
/// </summary>
/// <remarks>
/// Never for a relay that is elsewhere: a command that is given any other address, key or file of keys than the stack's own goes by this
/// machine's clock, and so do those that start a stack.
/// </remarks>
/// <param name="machine">This machine's.</param>
internal sealed class StackTime(TimeProvider machine) : TimeProvider, IDisposable
{
    private static readonly HashSet<string> Elsewhere =
        ["--against", "--container", "--key", "--relay-key", "--service-bus", "--url", "--vault"];

    private ChaosBoard? _board;

    /// <summary>How far the stack's time is ahead of this machine's, negative behind.</summary>
    public TimeSpan Shift => _board?.TimeShift ?? TimeSpan.Zero;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Shift;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Goes by the time of the stack that the command is for, if there is one whose time can be moved.</summary>
    public void Follow(ParseResult parsed)
    {
        if (FindStack(parsed) is { } folder) _board = ChaosBoard.TryOpen(folder);
    }

    public void Dispose() => _board?.Dispose();

    private static string? FindStack(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Options.OfType<Option<string>>().FirstOrDefault(option => option.Name == "--state") is not { } state) return null;
        var folder = Path.GetFullPath(parsed.GetRequiredValue(state));
        if (TargetOptions.FindRunning(folder) is not { Chaos: not null } stack) return null;
        var given = command.Options.Where(option => parsed.CommandResult.IsGiven(option)).ToDictionary(option => option.Name);
        if (command.Name == "up" || (command.Name == "demo" && !given.ContainsKey("--against"))) return null;
        var isOfStack = given.Where(pair => Elsewhere.Contains(pair.Key))
            .All(pair => parsed.GetResult(pair.Value)!.Tokens.All(token => IsOwn(token.Value, stack)));
        return isOfStack ? folder : null;
    }

    private static bool IsOwn(string value, LocalEndpoints stack) =>
        value == TargetOptions.LocalStack
        || new[] { stack.ServiceBus, stack.ServiceBusAdmin, $"{stack.Http}", $"{stack.Https}", $"{stack.Vault}" }
            .Any(own => own is not null && own.TrimEnd('/') == value.TrimEnd('/'));
}
