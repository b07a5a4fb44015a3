using System.Diagnostics;

namespace Relay.Infra.Tests;

/// <summary>The Bicep compiler's own opinion, where there is one on PATH.</summary>
public sealed class BicepCliTests
{
    [Theory]
    [InlineData("build", "main.bicep")]
    [InlineData("lint", "main.bicep")]
    [InlineData("build-params", "parameters/dev.bicepparam")]
    [InlineData("build-params", "parameters/prod.bicepparam")]
    public async Task Bicep_File_HasNoErrorAndNoWarning(string command, string file)
    {
        var bicep = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => (string[])[Path.Combine(folder, "bicep"), Path.Combine(folder, "bicep.exe")])
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(bicep is null, "The bicep CLI is not on PATH.");
        string[] output = command == "lint" ? [] : ["--stdout"];
        var start = new ProcessStartInfo(bicep!, [command, Path.Combine(InfraSources.Infra, file), .. output]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var name in await InfraSources.ProductionVariablesAsync(TestContext.Current.CancellationToken))
        {
            start.Environment[name] = "00000000-0000-0000-0000-000000000001";
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // Warnings go to the error stream too and leave the exit code at 0.
        Assert.Equal("", await errors);
        Assert.Equal(0, process.ExitCode);
    }
}
