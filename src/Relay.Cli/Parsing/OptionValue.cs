using System.CommandLine.Parsing;

namespace Relay.Cli.Parsing;

/// <summary>The one value of an option or argument that is being read.</summary>
internal static class OptionValue
{
    /// <summary>What the user wrote.</summary>
    public static string Text(this ArgumentResult result) => result.Tokens[0].Value;

    /// <summary>
    /// Notes what is wrong, as "--name: error."; an empty value is refused as such, for every option alike, and is not noted here.
    /// </summary>
    /// <returns>No value.</returns>
    public static T? Refuse<T>(this ArgumentResult result, string error)
    {
        var name = result.Parent is OptionResult option ? option.Option.Name : $"<{result.Argument.Name}>";
        if (!result.Tokens.Any(static token => string.IsNullOrWhiteSpace(token.Value))) result.AddError($"{name}: {error.TrimEnd('.')}.");
        return default;
    }

    /// <summary>Refuses a value of another form than expected, and repeats it.</summary>
    /// <returns>No value.</returns>
    public static T? Expect<T>(this ArgumentResult result, string expected) =>
        result.Refuse<T>($"expected {expected}, got '{result.Text()}'");
}
