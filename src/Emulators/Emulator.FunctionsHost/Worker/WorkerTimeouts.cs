namespace Emulator.FunctionsHost.Worker;

/// <summary>How long the host waits for a worker; the defaults are the Functions host's own.</summary>
internal sealed record WorkerTimeouts
{
    /// <summary>From the start of the process to its stream.</summary>
    public TimeSpan Open { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the answer to the first request; the official host's 10 s are short on a busy machine.</summary>
    public TimeSpan Init { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the list of functions, and for loading each.</summary>
    public TimeSpan Load { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>From being told to end to the end of the process.</summary>
    public TimeSpan Terminate { get; init; } = TimeSpan.FromSeconds(5);
}
