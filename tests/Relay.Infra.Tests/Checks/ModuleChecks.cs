using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests.Checks;

/// <summary>Modules and parameter files fit what they are for: paths, parameters, outputs.</summary>
internal static class ModuleChecks
{
    private static readonly string[] BodyMembers = ["name", "scope", "params", "dependsOn"];

    public static IEnumerable<Mistake> Check(IReadOnlyDictionary<string, BicepFile> files, BicepFile file)
    {
        foreach (var module in file.Of(DeclarationKind.Module))
        {
            if (!files.TryGetValue(BicepProgram.Combine(file.Path, module.TypeText!), out var target))
            {
                yield return new("MODULE-PATH", file.Path, module.Node.Line, $"'{module.TypeText}' does not exist");
                continue;
            }

            foreach (var (key, node, _) in module.Value!.Properties().Where(property => !BodyMembers.Contains(property.Key)))
            {
                yield return new("MODULE-MEMBER", file.Path, node.Line, $"'{key}' is not a member of a module");
            }

            if (module.Value!.Property("name") is null)
            {
                yield return new("MODULE-MEMBER", file.Path, module.Node.Line, $"module '{module.Name}' has no name");
            }

            var given = module.Value!.Property("params")?.Properties().ToList() ?? [];
            foreach (var mistake in CheckArguments(file, target, module.Node, given))
            {
                yield return mistake;
            }

            foreach (var (name, node) in OutputsRead(file, module.Name).Where(
                read => target.Of(DeclarationKind.Output).All(output => output.Name != read.Name)))
            {
                yield return new("MODULE-OUTPUT", file.Path, node.Line, $"'{target.Path}' has no output '{name}'");
            }
        }

        if (file.Using is { } used)
        {
            if (!files.TryGetValue(BicepProgram.Combine(file.Path, used), out var target))
            {
                yield return new("MODULE-PATH", file.Path, 1, $"'{used}' does not exist");
                yield break;
            }

            var given = file.Of(DeclarationKind.Parameter)
                .Select(assignment => (assignment.Name, assignment.Node, assignment.Value!))
                .ToList();
            foreach (var mistake in CheckArguments(file, target, file.Root, given))
            {
                yield return mistake;
            }
        }
    }

    /// <summary>The type of an expression where its form alone tells; null where only its value would.</summary>
    public static string? KindOf(BicepFile file, BicepNode node) => node.Type switch
    {
        "string" => "string",
        "number" => "int",
        "boolean" => "bool",
        "object" => "object",
        "array" or "for_statement" => "array",
        "unary_expression" => node.ByField("operator")!.Text == "!" ? "bool" : "int",
        "binary_expression" =>
            node.ByField("operator")!.Text is "==" or "!=" or "&&" or "||" or "<" or ">" or "<=" or ">=" ? "bool" : "int",
        "ternary_expression" => Same(KindOf(file, node.ByField("consequence")!), KindOf(file, node.ByField("alternative")!)),
        "identifier" => file.Declarations.FirstOrDefault(
            declaration => declaration.Name == node.Text && declaration.Kind != DeclarationKind.Output) switch
        {
            { Kind: DeclarationKind.Parameter, TypeText: { } type } => type,
            { Kind: DeclarationKind.Variable } variable => KindOf(file, variable.Value!),
            { Loop: not null } => "array",
            _ => null,
        },
        "call_expression" => node.ByField("function")!.Text switch
        {
            "guid" or "uniqueString" or "replace" or "string" or "subscriptionResourceId" or "readEnvironmentVariable" or "cidrSubnet" =>
                "string",
            "empty" or "contains" => "bool",
            "length" or "max" => "int",
            "map" or "filter" or "range" or "items" => "array",
            _ => null,
        },
        _ => null,
    };

    private static string? Same(string? left, string? right) => left == right ? left : null;

    private static IEnumerable<Mistake> CheckArguments(
        BicepFile file, BicepFile target, BicepNode at, List<(string Key, BicepNode KeyNode, BicepNode Value)> given)
    {
        var parameters = target.Of(DeclarationKind.Parameter).ToList();
        foreach (var (key, node, value) in given)
        {
            if (parameters.FirstOrDefault(parameter => parameter.Name == key) is not { } parameter)
            {
                yield return new("PARAMETER-UNKNOWN", file.Path, node.Line, $"'{target.Path}' has no parameter '{key}'");
            }
            else if (KindOf(file, value) is { } kind && kind != parameter.TypeText)
            {
                yield return new(
                    "PARAMETER-TYPE", file.Path, node.Line, $"parameter '{key}' of '{target.Path}' is {parameter.TypeText}, given {kind}");
            }
        }

        foreach (var missing in parameters.Where(
            parameter => parameter.Value is null && given.All(argument => argument.Key != parameter.Name)))
        {
            yield return new("PARAMETER-MISSING", file.Path, at.Line, $"'{target.Path}' needs parameter '{missing.Name}'");
        }
    }

    private static IEnumerable<(string Name, BicepNode Node)> OutputsRead(BicepFile file, string module) =>
        from node in file.Nodes
        where node.Type == "member_expression"
        let outputs = node.ByField("object")!
        where outputs.Type == "member_expression"
            && outputs.ByField("property")!.Text == "outputs"
            && Root(outputs.ByField("object")!) == module
        select (node.ByField("property")!.Text, node);

    private static string Root(BicepNode node) => node.Type == "subscript_expression" ? Root(node.ByField("object")!) : node.Text;
}
