using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Relay.Infra.Tests.Compiler;

/// <summary>
/// Finds the Bicep compiler: the one on PATH, else the one that its makers publish
/// on NuGet for this platform, restored on first use. A test is skipped, saying
/// so, where neither is to be had.
/// </summary>
internal static class BicepCompiler
{
    private const string Version = "0.49.2";
    private static readonly SemaphoreSlim Restoring = new(1, 1);

    /// <summary>Full path of the program.</summary>
    public static async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists);
        return onPath ?? await RestoreAsync(cancellationToken);
    }

    private static string Program => OperatingSystem.IsWindows() ? "bicep.exe" : "bicep";

    private static string Platform => (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    private static async Task<string> RestoreAsync(CancellationToken cancellationToken)
    {
        await Restoring.WaitAsync(cancellationToken);
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "relay-test-bicep", Version)).FullName;
            var package = $"Azure.Bicep.CommandLine.{Platform}";
            var project = Path.Combine(folder, "bicep.csproj");
            await File.WriteAllTextAsync(
                project,
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
                  <ItemGroup><PackageDownload Include="{package}" Version="[{Version}]" /></ItemGroup>
                </Project>
                """,
                cancellationToken);
            var (exitCode, output, errors) = await RunAsync(
                new ProcessStartInfo("dotnet", ["restore", project, "-v", "quiet"]), cancellationToken);
            Assert.SkipUnless(
                exitCode == 0, $"The Bicep compiler is not on PATH, and {package} {Version} cannot be restored: {output}{errors}");
            using var assets = JsonDocument.Parse(
                await File.ReadAllBytesAsync(Path.Combine(folder, "obj", "project.assets.json"), cancellationToken));
            return assets.RootElement.GetProperty("packageFolders").EnumerateObject()
                .Select(packages => Path.Combine(packages.Name, package.ToLowerInvariant(), Version, "tools", Program))
                .First(File.Exists);
        }
        finally
        {
            Restoring.Release();
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
