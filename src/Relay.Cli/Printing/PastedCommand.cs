namespace Relay.Cli.Printing;

/// <summary>Command lines of this program that are printed to be pasted into another shell.</summary>
internal static class PastedCommand
{
    private const string Project = "src/Relay.Cli";
    private const string DefaultState = ".relay";

    /// <summary>
    /// The command as it runs in another shell in this folder, with the state folder in use when that is not the default.
    /// </summary>
    /// <param name="stateFolder">Full path.</param>
    /// <param name="words">Words of the command; each is quoted as need be.</param>
    public static string Of(string stateFolder, params string[] words)
    {
        string[] state = Path.GetFullPath(DefaultState) == stateFolder ? [] : ["--state", stateFolder];
        return string.Join(' ', [.. Self(), .. words.Concat(state).Select(ShellWord.Of)]);
    }

    // As this process was started: by 'dotnet run' in the repository, by its own name on the path, or else by its own path.
    private static IEnumerable<string> Self()
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        if (File.Exists(Path.Combine(Project, "Relay.Cli.csproj"))
            && folder.StartsWith(Path.GetFullPath(Project) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return ["dotnet", "run", "--project", Project, "--"];
        }

        var program = Environment.ProcessPath ?? "";
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") return ["dotnet", ShellWord.Of(Path.Combine(folder, "relay.dll"))];
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [paths.Any(path => Path.Combine(path, Path.GetFileName(program)) == program) ? "relay" : ShellWord.Of(program)];
    }
}
