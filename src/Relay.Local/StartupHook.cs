using Relay.Local.Chaos;

/// <summary>
/// Runs inside the function app's process, before its own entry point, on a stack with chaos: the runtime loads the assemblies of
/// <c>DOTNET_STARTUP_HOOKS</c> and calls this class by its name, which therefore stands in no namespace.
/// </summary>
internal static class StartupHook
{
    // Called by the runtime, on the main thread; what it throws ends the process at once.
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(ChaosBoard.Variable) is { Length: > 0 } path) WorkerChaos.Install(path);
    }
}
