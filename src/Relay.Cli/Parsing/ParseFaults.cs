using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Relay.Cli.Parsing;

/// <summary>What is wrong with a command line, as one line that ends with what to do.</summary>
internal static class ParseFaults
{
    // Two letters off is a slip; more is another word.
    private const int MostEdits = 2;
    private const string Empty = "the value is empty; is the variable set that it comes from?";

    /// <summary>
    /// Adds what holds for every option of every command: an empty value is a shell variable that is not set, not a wish.
    /// </summary>
    /// <param name="except">Options that say themselves what an empty value means.</param>
    public static void RefuseEmptyValues(Command command, params string[] except)
    {
        foreach (var option in command.Options.Where(option => !except.Contains(option.Name)))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(IsEmpty)) result.AddError($"{option.Name}: {Empty}");
            });
        }

        foreach (var argument in command.Arguments)
        {
            argument.Validators.Add(result =>
            {
                if (result.Tokens.Any(IsEmpty)) result.AddError($"<{argument.Name}>: {Empty}");
            });
        }

        foreach (var subcommand in command.Subcommands) RefuseEmptyValues(subcommand, except);
    }

    /// <returns>Null when nothing is wrong, or help was asked for.</returns>
    public static CliFault? Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0 || parsed.Action is not ParseErrorAction) return null;
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var help = $"'{path} --help' says more.";
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var known = command.Subcommands.Select(static sub => sub.Name).Concat(command.Options.Select(static option => option.Name));
            return new CliFault(
                $"{path} does not know '{unknown}'.", Nearest(unknown, known) is { } near ? $"Did you mean '{near}'? {help}" : help);
        }

        if (command.Subcommands.Count > 0 && !parsed.CommandResult.Children.Any(static child => child is CommandResult))
        {
            return new CliFault(
                $"{path} needs a command.", $"Give one of {string.Join(", ", command.Subcommands.Select(static sub => sub.Name))}; {help}");
        }

        // The library reports one fault of a value twice when a converter and a validator find it.
        return new CliFault(string.Join(" ", parsed.Errors.Select(Sentence).Distinct(StringComparer.Ordinal)), help);
    }

    /// <summary>The library's own sentences name types of .NET, or leave out which option they speak of.</summary>
    private static string Sentence(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option } result) return OneLine(error.Message);
        var value = string.Join(' ', result.Tokens.Select(static token => token.Value));
        if (option.ValueType == typeof(int) && error.Message.Contains("System.", StringComparison.Ordinal))
        {
            return $"{option.Name}: expected a whole number, got '{value}'.";
        }
        return error.Message.Contains(option.Name, StringComparison.Ordinal)
            ? OneLine(error.Message)
            : $"{option.Name}: {OneLine(error.Message)}";
    }

    // The library lists the values of a choice one a line.
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool IsEmpty(Token token) => string.IsNullOrWhiteSpace(token.Value);

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "relay";

    private static string? Nearest(string word, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Edits: Edits(word, name)))
            .Where(static pair => pair.Edits <= MostEdits && pair.Edits < pair.Name.Length)
            .OrderBy(static pair => pair.Edits)
            .Select(static pair => pair.Name)
            .FirstOrDefault();

    // Levenshtein distance, one row at a time.
    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
