namespace Relay.Cli;

/// <summary>What a command ends with. Those that judge (audit, check, status, verify) tell "bad" from "not proved".</summary>
internal static class ExitCode
{
    /// <summary>Done; of a command that judges: proved good.</summary>
    public const int Good = 0;

    /// <summary>Not done; of a command that judges: proved bad.</summary>
    public const int Bad = 1;

    /// <summary>Of a command that judges: nothing is proved, whatever kept it from being checked, a slip on the command line too.</summary>
    public const int NotProved = 2;
}
