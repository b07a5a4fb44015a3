using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>What a newcomer types or does wrong, and what the answer must say.</summary>
/// <param name="Does">The slip, in words.</param>
/// <param name="Line">
/// The command line, words divided by spaces. <c>{name}</c> stands for a file or folder
/// that <see cref="SlipFolder"/> makes, and <c>+</c> within a word for a space.
/// </param>
/// <param name="Names">A pattern of what the line names: the wrong value, the place.</param>
/// <param name="Fix">A pattern of what it says to do.</param>
public sealed record Slip(string Does, string Line, string Names, string Fix)
{
    /// <summary>Names the row in a test's result.</summary>
    public override string ToString() => Does;

    /// <summary>The command's first word.</summary>
    public string Command => Line.Split(' ')[0];

    /// <summary>
    /// Whether it is run as a process of its own: the first of each command among <paramref name="all"/>, and whatever would start a
    /// stack. Others differ from those in their words alone, and run in this process.
    /// </summary>
    public bool IsRunApart(IEnumerable<Slip> all) =>
        Command is "up" or "demo" || ReferenceEquals(all.First(slip => slip.Command == Command), this);

    /// <summary>The words of the line.</summary>
    /// <param name="fill">Puts in what <c>{name}</c> stands for.</param>
    public string[] WordsOf(Func<string, string> fill) =>
        Line.Length == 0 ? [] : [.. Line.Split(' ').Select(word => fill(word.Replace('+', ' ')))];

    /// <summary>Checks the answer: fails, one line, names the fault and the fix, and blames nobody else.</summary>
    public void Check(RelayRun run) => AssertOneLine(run, Names, Fix);

    /// <summary>Fails unless the run ended with one line that names the fault and the fix.</summary>
    public static void AssertOneLine(RelayRun run, string names, string fix)
    {
        ArgumentNullException.ThrowIfNull(run);
        Assert.True(run.ExitCode != 0, $"It succeeded: {run.Output}{run.Errors}");
        var line = Assert.Single(run.Errors.TrimEnd().Split('\n'));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Matches(names, line);
        Assert.Matches(fix, line);
        // Types of the runtime, traces, and an excuse where the fault is the user's.
        Assert.DoesNotMatch("defect of relay|Exception|System\\.|   at |\\bnull\\b", line);
        // However long the paths of a machine are.
        var length = line.Replace(Path.GetTempPath(), "", StringComparison.Ordinal).Length;
        Assert.True(length < 600, $"{length} characters: {line}");
    }
}
