using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Testing;

/// <summary>What a finished script left behind.</summary>
/// <param name="ExitCode">0 when the script ended well.</param>
public sealed record NodeResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Fails the test with everything the script printed unless it exited with 0.</summary>
    public NodeResult AssertSucceeded()
    {
        Assert.True(ExitCode == 0, $"the script exited with {ExitCode}\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>
/// Runs Node scripts against packages from npm: peers that nobody here wrote. Packages are installed once per set of exact versions into a
/// cache below the user's temporary folder; a test is skipped, saying so, where there is no Node or the registry cannot be reached.
/// </summary>
public static class NodeRunner
{
    // Over the deadlines that scripts set themselves, which say more: this one is for a script that hangs without one.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(300);

    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <summary>
    /// Runs <paramref name="scriptPath"/> (an .mjs or .cjs file beside the test assembly) with the packages resolvable by name.
    /// </summary>
    /// <param name="packages">Exact npm names and versions, e.g. <c>rhea@3.0.5</c>.</param>
    /// <param name="arguments">Passed to the script.</param>
    /// <param name="environment">Added to the process's environment.</param>
    public static async Task<NodeResult> RunAsync(
        IReadOnlyList<string> packages,
        string scriptPath,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        var start = await PrepareAsync(packages, scriptPath, arguments, environment, cancellationToken);
        return await ExecuteAsync(start, cancellationToken);
    }

    /// <summary>Starts a long-running script or package binary; the caller kills and disposes it.</summary>
    /// <remarks>Same arguments as <see cref="RunAsync"/>; input, output and errors are redirected, and the last two must be read.</remarks>
    public static async Task<Process> StartAsync(
        IReadOnlyList<string> packages,
        string scriptPath,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        var start = await PrepareAsync(packages, scriptPath, arguments, environment, cancellationToken);
        start.RedirectStandardInput = true;
        return Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
    }

    /// <summary>Installs the packages if need be and returns the folder that holds <c>node_modules</c>.</summary>
    public static async Task<string> InstallAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(packages);
        Assert.SkipWhen(
            FindOnPath("node") is null || FindOnPath("npm") is null, "Node.js and npm are not installed: clients from npm cannot be run.");
        var key = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', packages.Order(StringComparer.Ordinal)))))[..16];
        var folder = Path.Combine(Path.GetTempPath(), "relay-test-node", key);
        var done = Path.Combine(folder, "installed");
        await Installing.WaitAsync(cancellationToken);
        try
        {
            // Other test processes share the cache: the exclusive file keeps two of them from installing at once.
            Directory.CreateDirectory(folder);
            using var exclusive = await LockAsync(Path.Combine(folder, "lock"), cancellationToken);
            if (File.Exists(done))
            {
                return folder;
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true,"type":"module"}""", cancellationToken);
            string[] npm = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", .. packages];
            var result = await ExecuteAsync(Info(FindOnPath("npm")!, npm, folder), cancellationToken);
            Assert.SkipUnless(result.ExitCode == 0, $"npm could not install {string.Join(' ', packages)}: {result.Errors.Trim()}");
            await File.WriteAllTextAsync(done, string.Join('\n', packages), cancellationToken);
            return folder;
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<ProcessStartInfo> PrepareAsync(
        IReadOnlyList<string> packages,
        string scriptPath,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var folder = await InstallAsync(packages, cancellationToken);
        var script = Path.GetFullPath(scriptPath, AppContext.BaseDirectory);
        if (packages.Count > 0 && !script.StartsWith(folder, StringComparison.Ordinal))
        {
            // ES modules resolve packages from their own folder only, so the script is run from a copy beside node_modules.
            var content = await File.ReadAllBytesAsync(script, cancellationToken);
            var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
            var copy = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(script)}-{hash}{Path.GetExtension(script)}");
            if (!File.Exists(copy))
            {
                var temporary = $"{copy}.{Environment.ProcessId}";
                await File.WriteAllBytesAsync(temporary, content, cancellationToken);
                File.Move(temporary, copy, overwrite: true);
            }

            script = copy;
        }

        var start = Info(FindOnPath("node")!, [script, .. arguments], folder);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    internal static ProcessStartInfo Info(string file, IEnumerable<string> arguments, string folder) => new(file, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    internal static async Task<NodeResult> ExecuteAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(Longest, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
            return new NodeResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new NodeResult(-1, await output, $"{await errors}\nKilled: no end within {Longest.TotalSeconds:0} s.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            }
        }
    }

    internal static string? FindOnPath(string command)
    {
        var names = OperatingSystem.IsWindows() ? new[] { command + ".exe", command + ".cmd" } : [command];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }
}
