namespace Relay.Infra.Tests.Bicep;

/// <summary>Files that belong together, and what evaluating one of them deploys.</summary>
internal sealed class BicepProgram(IReadOnlyDictionary<string, BicepFile> files, IReadOnlyDictionary<string, string> texts)
{
    public IReadOnlyDictionary<string, BicepFile> Files { get; } = files;

    /// <summary>Of JSON files, for loadJsonContent.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; } = texts;

    /// <summary>What is deployed, in no order.</summary>
    public List<ResourceValue> Resources { get; } = [];

    /// <summary>Names of nested deployments.</summary>
    public List<(string Name, string File, int Line)> Deployments { get; } = [];

    public List<Mistake> Mistakes { get; } = [];

    /// <summary>Evaluates what a parameter file deploys.</summary>
    public static BicepProgram Deploy(
        IReadOnlyDictionary<string, BicepFile> files, IReadOnlyDictionary<string, string> texts, string parameterFile)
    {
        var program = new BicepProgram(files, texts);
        var file = files[parameterFile];
        var arguments = new Dictionary<string, object?>();
        var reader = new BicepEvaluation(program, file, null, arguments);
        foreach (var assignment in file.Of(DeclarationKind.Parameter))
        {
            arguments[assignment.Name] = reader.Evaluate(assignment.Value!, BicepScope.Empty);
        }

        program.Run(Combine(parameterFile, file.Using!), arguments);
        return program;
    }

    /// <summary>Evaluates a file with parameters.</summary>
    public void Run(string path, IReadOnlyDictionary<string, object?> arguments) =>
        new BicepEvaluation(this, Files[path], null, arguments).Run();

    public void Report(string code, BicepFile file, BicepNode node, string text) => Mistakes.Add(new(code, file.Path, node.Line, text));

    /// <summary>A path as written in a file, below <c>infra</c>.</summary>
    public static string Combine(string file, string relative)
    {
        var parts = file.Split('/')[..^1].ToList();
        foreach (var part in relative.Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
