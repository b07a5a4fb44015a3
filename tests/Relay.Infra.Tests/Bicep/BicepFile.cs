namespace Relay.Infra.Tests.Bicep;

internal enum DeclarationKind
{
    Parameter,
    Variable,
    Resource,
    Module,
    Output,
}

/// <summary>A decorator in front of a declaration.</summary>
internal sealed record Decorator(string Name, IReadOnlyList<BicepNode> Arguments, BicepNode Node);

/// <summary>The loop around a resource's or module's body.</summary>
internal sealed record Loop(string Item, string? Index, BicepNode Source);

/// <summary>One declaration of a file.</summary>
/// <param name="TypeText">Type of a parameter or output; type@version of a resource; path of a module.</param>
/// <param name="Value">Default of a parameter (or null), value of a variable or output, object of a resource or module.</param>
internal sealed record Declaration(
    DeclarationKind Kind,
    string Name,
    string? TypeText,
    bool IsExisting,
    Loop? Loop,
    BicepNode? Condition,
    BicepNode? Value,
    IReadOnlyList<Decorator> Decorators,
    BicepNode Node)
{
    public Decorator? Decorator(string name) => Decorators.FirstOrDefault(decorator => decorator.Name == name);
}

/// <summary>A .bicep or .bicepparam file as declarations.</summary>
internal sealed class BicepFile
{
    private BicepFile(string path, BicepNode root) => (Path, Root, Nodes) = (path, root, root.DescendantsAndSelf().ToList());

    /// <summary>Below <c>infra</c>, with slashes.</summary>
    public string Path { get; }

    public BicepNode Root { get; }

    /// <summary>Every node, parents first.</summary>
    public IReadOnlyList<BicepNode> Nodes { get; }

    public string TargetScope { get; private set; } = "resourceGroup";

    /// <summary>What a parameter file is for, or null.</summary>
    public string? Using { get; private set; }

    public List<Declaration> Declarations { get; } = [];

    /// <summary>Top-level statements that these checks do not know, so that nothing goes unchecked silently.</summary>
    public List<BicepNode> Unknown { get; } = [];

    public IEnumerable<Declaration> Of(DeclarationKind kind) => Declarations.Where(declaration => declaration.Kind == kind);

    public static BicepFile From(string path, BicepNode root)
    {
        var file = new BicepFile(path, root);
        List<Decorator> pending = [];
        foreach (var node in root.Children)
        {
            switch (node.Type)
            {
                case "decorators":
                    pending.AddRange(node.Named.Select(ReadDecorator));
                    continue;
                case "target_scope_assignment":
                    file.TargetScope = Literal(node);
                    break;
                case "using_statement":
                    file.Using = Literal(node);
                    break;
                case "metadata_declaration":
                    break;
                case "parameter_declaration":
                case "output_declaration":
                    file.Declarations.Add(ReadTyped(node, pending));
                    break;
                case "variable_declaration":
                    // See parse.mjs: the offsets lead to the original text, which tells an assigned parameter from a variable.
                    var kind = node.Text.StartsWith("param", StringComparison.Ordinal)
                        ? DeclarationKind.Parameter
                        : DeclarationKind.Variable;
                    file.Declarations.Add(new(kind, Name(node), null, false, null, null, node.Named.ElementAt(1), pending, node));
                    break;
                case "resource_declaration":
                case "module_declaration":
                    file.Declarations.Add(ReadBody(node, pending));
                    break;
                default:
                    file.Unknown.Add(node);
                    break;
            }

            pending = [];
        }

        return file;
    }

    /// <summary>Text of a string node without interpolation.</summary>
    public static string StringText(BicepNode node) => node.Text[1..^1];

    private static string Literal(BicepNode node) => StringText(node.Named.First(child => child.Type == "string"));

    private static string Name(BicepNode node) => node.Named.First().Text;

    private static Decorator ReadDecorator(BicepNode node)
    {
        var call = node.Named.First();
        return new(call.ByField("function")!.Text, call.ByField("arguments")!.Named.ToList(), node);
    }

    private static Declaration ReadTyped(BicepNode node, List<Decorator> decorators)
    {
        var parts = node.Named.ToList();
        var isParameter = node.Type == "parameter_declaration";
        return new(
            isParameter ? DeclarationKind.Parameter : DeclarationKind.Output,
            parts[0].Text,
            parts[1].Text,
            false,
            null,
            null,
            parts.ElementAtOrDefault(2),
            decorators,
            node);
    }

    private static Declaration ReadBody(BicepNode node, List<Decorator> decorators)
    {
        var parts = node.Named.ToList();
        var body = parts[^1];
        Loop? loop = null;
        if (body.Type == "for_statement")
        {
            var variables = body.Named.First();
            var source = body.Children.SkipWhile(child => child.Type != "in").Skip(1).First();
            loop = variables.Type == "for_loop_parameters"
                ? new(variables.Named.First().Text, variables.Named.Last().Text, source)
                : new(variables.Text, null, source);
            body = body.ByField("body")!;
        }

        BicepNode? condition = null;
        if (body.Type == "if_statement")
        {
            condition = body.Named.First();
            body = body.Named.Last();
        }

        var kind = node.Type == "module_declaration" ? DeclarationKind.Module : DeclarationKind.Resource;
        return new(kind, parts[0].Text, StringText(parts[1]), node.Has("existing"), loop, condition, body, decorators, node);
    }
}
