using System.Text.RegularExpressions;

namespace Relay.Architecture.Tests;

/// <summary>
/// The projects that are Relay itself, as text: which namespaces there are, what each declares and which others of its project it uses.
/// </summary>
internal static partial class MissionSource
{
    public static string[] Projects { get; } =
    [
        "Relay.Protocol", "Relay.Protocol.Hybrid", "Relay.Core", "Relay.Checker", "Relay.Risk", "Relay.Forecasts", "Relay.Azure", "Relay.DeadLetters", "Relay.Functions", "Relay.Client", "Relay.Client.KeyVault",
        "Relay.Cli", "Relay.Local",
    ];

    /// <summary>Types declared outside of others, with the file of each.</summary>
    public static IEnumerable<(string Type, string Namespace, string Path)> Types(string project) =>
        from file in Files(project)
        from Match match in Declaration().Matches(file.Text)
        select (match.Groups[1].Value, file.Namespace, file.Path);

    /// <summary>
    /// From each namespace to the others of its project that it uses: those its files import, and those
    /// around it whose types they name. Namespaces are imported, never spelt out where a type is used.
    /// </summary>
    public static Dictionary<string, HashSet<string>> Uses(string project)
    {
        var declared = Types(project)
            .GroupBy(type => type.Namespace)
            .ToDictionary(group => group.Key, group => group.Select(type => type.Type).ToHashSet());
        var uses = declared.Keys.ToDictionary(name => name, _ => new HashSet<string>());
        foreach (var file in Files(project))
        {
            var imported = Import().Matches(file.Text).Select(match => match.Groups[1].Value).Where(declared.ContainsKey);
            var words = Word().Matches(Comment().Replace(file.Text, "")).Select(match => match.Value).ToHashSet();
            var around = declared.Keys.Where(
                name => file.Namespace.StartsWith(name + ".", StringComparison.Ordinal) && declared[name].Overlaps(words));
            uses[file.Namespace].UnionWith(imported.Concat(around));
        }

        return uses;
    }

    /// <summary>Namespaces from which a way leads back to them, through others.</summary>
    public static IEnumerable<string> Circle(Dictionary<string, HashSet<string>> uses) => uses.Keys.Where(start =>
    {
        var reached = new HashSet<string>();
        var next = new Stack<string>(uses[start]);
        while (next.TryPop(out var name))
        {
            if (reached.Add(name)) uses[name].ToList().ForEach(next.Push);
        }

        return reached.Contains(start);
    });

    private static IEnumerable<(string Path, string Namespace, string Text)> Files(string project) =>
        from file in Repository.CSharpFiles("src/" + project)
        let text = string.Join('\n', file.Lines)
        let name = NamespaceLine().Match(text)
        where name.Success
        select (file.Path, name.Groups[1].Value, text);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static |\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|readonly|partial|ref|unsafe) )*(?:class|struct|record struct|record|interface|enum|delegate [^(]+?) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Word();

    [GeneratedRegex(@"//[^\n]*|^using [^\n]*|^namespace [^\n]*", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
