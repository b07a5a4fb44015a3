using System.Reflection;
using System.Text.RegularExpressions;

namespace Emulator.FunctionsHost.Tests;

/// <summary>The README's table of traps names tests that exist.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Traps_OfTheReadme_AreHeldByTestsOfThatName()
    {
        var tests = typeof(ReadmeTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes<FactAttribute>().Any()).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();

        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "README.md"))
            .SkipWhile(line => line != "| trap | test |").Skip(2).TakeWhile(line => line.StartsWith('|')).ToList();

        Assert.Equal(23, rows.Count);
        Assert.All(rows, row => Assert.All(Named(row), name => Assert.Contains(name, tests)));
    }

    [GeneratedRegex("`([A-Za-z0-9]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();

    private static List<string> Named(string row)
    {
        var names = TestName().Matches(row).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(names);
        return names;
    }
}
