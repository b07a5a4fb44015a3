namespace Emulator.ServiceBus.Messages;

/// <summary>Something with at most one due time. Both members belong to the timers that keep it.</summary>
internal abstract class TimedItem
{
    /// <summary>Bumped whenever the due time changes, so that older timer entries are no-ops.</summary>
    public int TimerVersion { get; set; }

    /// <summary>Whether a timer entry of the current version exists.</summary>
    public bool TimerArmed { get; set; }
}
