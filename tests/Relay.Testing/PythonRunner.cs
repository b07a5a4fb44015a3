using System.Diagnostics;

namespace Relay.Testing;

/// <summary>
/// Runs Python scripts against modules from Debian: peers that nobody here
/// wrote. A test is skipped, saying so, where the system's Python does not have
/// the module; <c>.ci/run</c> installs what the tests need.
/// </summary>
public static class PythonRunner
{
    // Debian's modules belong to Debian's Python, which need not be the first on the path.
    private const string Python = "/usr/bin/python3";

    /// <summary>Runs <paramref name="scriptPath"/>, a file beside the test assembly.</summary>
    /// <param name="module">Import name the script depends on.</param>
    /// <param name="package">Debian package that has it, for the skip's reason.</param>
    /// <param name="arguments">Passed to the script.</param>
    /// <param name="environment">Added to the process's environment.</param>
    public static async Task<NodeResult> RunAsync(
        string module,
        string package,
        string scriptPath,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is not there: clients in Python cannot be run.");
        var probe = await ExecuteAsync(["-c", $"import {module}"], null, cancellationToken);
        Assert.SkipUnless(probe.ExitCode == 0, $"Python has no module {module} (Debian package {package}): {probe.Errors.Trim()}");
        return await ExecuteAsync(
            ["-W", "ignore", Path.GetFullPath(scriptPath, AppContext.BaseDirectory), .. arguments], environment, cancellationToken);
    }

    private static async Task<NodeResult> ExecuteAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new NodeResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
