using System.CommandLine;

namespace Relay.Benchmarks.Commands;

/// <summary>Options that several benchmarks have.</summary>
internal static class BenchOptions
{
    /// <summary>A whole number with what it is when left out.</summary>
    public static Option<int> Number(string name, string what, int value) =>
        new(name) { Description = what, DefaultValueFactory = _ => value };
}
