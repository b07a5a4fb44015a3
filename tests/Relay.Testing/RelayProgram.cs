using System.Diagnostics;
using System.Text;

namespace Relay.Testing;

/// <summary>What a finished <c>relay</c> process left behind.</summary>
public sealed record RelayRun(int ExitCode, string Output, string Errors);

/// <summary>Runs <c>relay</c> as people do, as a process of its own; it is built beside the test.</summary>
public static class RelayProgram
{
    /// <summary>Path of the program, for <c>dotnet</c>.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "relay.dll");

    /// <summary>Runs it to its end, which is waited for no longer than <see cref="TestDeadline.Default"/>.</summary>
    /// <param name="folder">In which it runs.</param>
    /// <param name="environment">Added to the environment of this process.</param>
    /// <param name="args">Its arguments.</param>
    public static async Task<RelayRun> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        using var process = Start(folder, environment, args);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await TestDeadline.Within(process.WaitForExitAsync(TestContext.Current.CancellationToken));
            return new RelayRun(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Starts it; the caller reads its output and errors, kills and disposes it.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static Process Start(string folder, IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var start = new ProcessStartInfo("dotnet", [Assembly, .. args])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
