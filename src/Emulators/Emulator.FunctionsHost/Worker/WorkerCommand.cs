using System.Diagnostics;

namespace Emulator.FunctionsHost.Worker;

/// <summary>The command line, folder and environment of a worker process, as the Functions host composes them.</summary>
internal static class WorkerCommand
{
    // A missing length is read as 0 by the worker: it could not receive anything then.
    private const string MaxMessageLength = "2147483647";
    private const string OwnMachine = "localhost,127.0.0.1";
    private const string StartupHooks = "DOTNET_STARTUP_HOOKS";

    /// <param name="variables">App settings, under what the host itself sets.</param>
    /// <param name="watchesHost">Whether the worker is to end when this process does; see <see cref="StartupHook"/>.</param>
    public static ProcessStartInfo Compose(
        WorkerConfig config, Uri grpc, string workerId, IReadOnlyDictionary<string, string> variables, bool watchesHost)
    {
        var start = new ProcessStartInfo
        {
            FileName = ExecutableOf(config),
            WorkingDirectory = config.Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in config.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add(Path.Combine(config.Folder, config.Assembly));
        AddSwitches(start, grpc, workerId);
        SetEnvironment(start, config, variables, watchesHost);
        return start;
    }

    private static void AddSwitches(ProcessStartInfo start, Uri grpc, string workerId)
    {
        var requestId = Guid.NewGuid().ToString();
        string[] switches =
        [
            "--host", grpc.Host, "--port", $"{grpc.Port}", "--workerId", workerId, "--requestId", requestId, "--grpcMaxMessageLength",
            MaxMessageLength,
            "--functions-uri", grpc.AbsoluteUri, "--functions-worker-id", workerId, "--functions-request-id", requestId,
            "--functions-grpc-max-message-length", MaxMessageLength,
        ];
        foreach (var argument in switches)
        {
            start.ArgumentList.Add(argument);
        }
    }

    private static void SetEnvironment(
        ProcessStartInfo start, WorkerConfig config, IReadOnlyDictionary<string, string> variables, bool watchesHost)
    {
        // The worker writes a data-protection key under its home at first start, and
        // makes that folder for it. Below a file none can be made, whoever asks.
        start.Environment["HOME"] = Path.Combine(config.Folder, config.Assembly, "no-home");
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        // Nothing on this machine is asked of a proxy; the runtime reads the first of the two that is there.
        foreach (var name in (string[])["no_proxy", "NO_PROXY"])
        {
            start.Environment[name] = start.Environment.TryGetValue(name, out var hosts) && hosts is { Length: > 0 }
                ? $"{hosts},{OwnMachine}"
                : OwnMachine;
        }

        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = config.Folder;
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = config.Folder;
        start.Environment["FUNCTIONS_WORKER_RUNTIME_VERSION"] = $"{Environment.Version.Major}.{Environment.Version.Minor}";
        if (!watchesHost) return;
        var hook = typeof(WorkerCommand).Assembly.Location;
        start.Environment[StartupHooks] =
            start.Environment.TryGetValue(StartupHooks, out var others) && !string.IsNullOrEmpty(others)
                ? $"{hook}{Path.PathSeparator}{others}"
                : hook;
    }

    private static string ExecutableOf(WorkerConfig config)
    {
        if (config.Executable != "dotnet") return Path.Combine(config.Folder, config.Executable);

        // The runtime that runs this process is there for certain; the one on the path need not be.
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host
            : Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root
                ? Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
            : "dotnet";
    }
}
