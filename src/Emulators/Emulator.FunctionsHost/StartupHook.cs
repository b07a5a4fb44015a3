using System.Diagnostics;

/// <summary>
/// Runs inside the worker, before its own entry point: the runtime loads
/// the assemblies of <c>DOTNET_STARTUP_HOOKS</c> and calls this class by
/// its name, which therefore stands in no namespace. Ends the worker when its host is gone: the host holds the other end of the worker's
/// standard input and never writes to it, so its end is the host's end, however that came about. The worker itself would live on.
/// </summary>
internal static class StartupHook
{
    // Called by the runtime, on the main thread; what it throws ends the worker at once.
    public static void Initialize()
    {
        // What the app starts is not ours to watch over: its standard input may be at its end from the beginning.
        var own = typeof(StartupHook).Assembly.Location;
        var others = (Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS") ?? "")
            .Split(Path.PathSeparator)
            .Where(hook => hook != own);
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", string.Join(Path.PathSeparator, others));
        var watcher = new Thread(WaitForEnd) { IsBackground = true, Name = "host watch" };
        watcher.Start();
    }

    private static void WaitForEnd()
    {
        // A thread of its own that blocks: it must not depend on a thread pool which the app may starve.
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (input.Read(buffer, 0, buffer.Length) > 0)
            {
            }
        }
        catch (IOException)
        {
            // As good as its end.
        }

        // At once and without a farewell: whom the worker could tell anything is gone, and a second worker may be starting.
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
