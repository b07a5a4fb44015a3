using System.CommandLine.Parsing;
using Relay.Local.Chaos;

namespace Relay.Cli.Parsing;

/// <summary>Reads what a local stack is to suffer, each an argument of its own or divided by commas.</summary>
internal static class ChaosWords
{
    public static ChaosWord[]? Read(ArgumentResult result)
    {
        var words = new List<ChaosWord>();
        foreach (var text in result.Tokens.SelectMany(static token => token.Value.Split(',')))
        {
            if (!ChaosWord.TryParse(text, out var word, out var error)) return result.Refuse<ChaosWord[]>(error);
            words.Add(word);
        }

        return [.. words];
    }
}
