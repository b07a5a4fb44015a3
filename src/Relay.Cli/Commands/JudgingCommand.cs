using System.CommandLine;

namespace Relay.Cli.Commands;

/// <summary>A command whose exit code is a verdict: whatever keeps it from judging is <see cref="ExitCode.NotProved"/>.</summary>
internal sealed class JudgingCommand(string name, string description)
    : Command(name, $"{description} Exit code 0 when that is proved, 1 when something is wrong, 2 when it could not be checked.");
