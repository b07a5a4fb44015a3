namespace Relay.Cli.Printing;

/// <summary>Words of command lines that are printed to be pasted.</summary>
internal static class ShellWord
{
    /// <summary>The word as a shell takes it: as it is when nothing in it means anything to one, else in quotes.</summary>
    public static string Of(string word)
    {
        var plain = OperatingSystem.IsWindows() ? @"/._-:=+,@\" : "/._-:=+,@%";
        if (word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || plain.Contains(c))) return word;
        return OperatingSystem.IsWindows() ? $"\"{word}\"" : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
