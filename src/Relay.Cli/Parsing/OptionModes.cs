using System.CommandLine;
using System.CommandLine.Parsing;

namespace Relay.Cli.Parsing;

/// <summary>
/// Options that mean something in one mode of a command only: given in another, they are refused, since ignoring them would do something
/// else than was asked for.
/// </summary>
internal static class OptionModes
{
    /// <summary>True when the user gave the option; a default does not count.</summary>
    public static bool IsGiven(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>Takes each of <paramref name="options"/> only together with <paramref name="needed"/>.</summary>
    public static void TakeOnlyWith(this Command command, Option needed, params Option[] options) =>
        Refuse(
            command, options, result => !result.IsGiven(needed),
            option => $"{option.Name} is of use with {needed.Name} only: give that too, or leave {option.Name} out.");

    /// <summary>Takes none of <paramref name="options"/> together with <paramref name="other"/>.</summary>
    public static void TakeOnlyWithout(this Command command, Option other, params Option[] options) =>
        Refuse(
            command, options, result => result.IsGiven(other),
            option => $"{option.Name} is of no use with {other.Name}: leave one of them out.");

    /// <summary>Adds the error of each given option where <paramref name="when"/> holds.</summary>
    public static void Refuse(this Command command, Option[] options, Func<CommandResult, bool> when, Func<Option, string> error) =>
        command.Validators.Add(result =>
        {
            if (!when(result)) return;
            foreach (var option in options.Where(option => result.IsGiven(option)))
            {
                result.AddError(error(option));
            }
        });
}
