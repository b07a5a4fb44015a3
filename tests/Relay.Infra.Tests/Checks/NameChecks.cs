using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests.Checks;

/// <summary>Every name is declared, once, and used; every function exists and gets its arguments.</summary>
internal static class NameChecks
{
    private static readonly Dictionary<string, int> Decorators = new()
    {
        ["description"] = 1,
        ["minLength"] = 1,
        ["maxLength"] = 1,
        ["minValue"] = 1,
        ["maxValue"] = 1,
        ["allowed"] = 1,
        ["secure"] = 0,
    };

    public static IEnumerable<Mistake> Check(BicepFile file)
    {
        foreach (var node in file.Nodes.Where(node => node.IsError))
        {
            yield return At("PARSE", node, $"unexpected '{node.Text.Split('\n')[0]}'");
        }

        foreach (var node in file.Nodes.Where(node => node.Type is "array" or "object").SelectMany(Unseparated))
        {
            yield return At(
                "SEPARATOR",
                node,
                $"'{node.Text.Split('\n')[0]}' follows on the same line without a comma; a call in an array is read so, take a "
                    + "variable for it");
        }

        foreach (var node in file.Unknown)
        {
            yield return At("UNKNOWN", node, $"a {node.Type} is nothing that these checks cover");
        }

        foreach (var group in file.Declarations.GroupBy(declaration => (declaration.Kind == DeclarationKind.Output, declaration.Name))
            .Where(group => group.Count() > 1))
        {
            yield return At("DUPLICATE", group.Last().Node, $"'{group.Key.Name}' is declared {group.Count()} times");
        }

        var declared = file.Declarations.Where(declaration => declaration.Kind != DeclarationKind.Output)
            .Select(declaration => declaration.Name)
            .ToHashSet();
        var used = new HashSet<string>();
        var found = new List<Mistake>();
        foreach (var declaration in file.Declarations)
        {
            CheckDecorators(file, declaration, found);
            var locals = new HashSet<string>();
            if (declaration.Loop is { } loop)
            {
                Walk(loop.Source, []);
                locals.Add(loop.Item);
                locals.Add(loop.Index ?? loop.Item);
            }

            if (declaration.Condition is { } condition)
            {
                Walk(condition, locals);
            }

            if (declaration.Value is { } value)
            {
                Walk(value, locals);
            }
        }

        foreach (var mistake in found)
        {
            yield return mistake;
        }

        // A resource that is deployed needs no other use; in a parameter file every assignment is used by the file it is for.
        foreach (var unused in file.Declarations.Where(declaration => !used.Contains(declaration.Name)))
        {
            if ((unused.Kind == DeclarationKind.Parameter && file.Using is null)
                || unused.Kind == DeclarationKind.Variable
                || unused.IsExisting)
            {
                yield return At("UNUSED", unused.Node, $"'{unused.Name}' is not used");
            }
        }

        void Walk(BicepNode node, HashSet<string> locals)
        {
            switch (node.Type)
            {
                case "identifier" when locals.Contains(node.Text):
                    return;
                case "identifier" when declared.Contains(node.Text):
                    used.Add(node.Text);
                    return;
                case "identifier":
                    found.Add(At("UNDECLARED", node, $"'{node.Text}' is not declared"));
                    return;
                case "object_property":
                    if (node.Children[0].Type == "string")
                    {
                        Walk(node.Children[0], locals);
                    }

                    Walk(node.Named.Last(), locals);
                    return;
                case "member_expression":
                    Walk(node.ByField("object")!, locals);
                    return;
                case "call_expression":
                    CheckCall(file, node, found);
                    Walk(node.ByField("arguments")!, locals);
                    return;
                case "lambda_expression":
                    var parameters = node.Named.First();
                    Walk(
                        node.Named.Last(),
                        [.. locals, .. parameters.Type == "identifier" ? [parameters.Text] : parameters.Named.Select(name => name.Text)]);
                    return;
                case "for_statement":
                    var variables = node.Named.First();
                    Walk(node.Children.SkipWhile(child => child.Type != "in").Skip(1).First(), locals);
                    Walk(
                        node.ByField("body")!,
                        [
                            .. locals,
                            .. variables.Type == "for_loop_parameters" ? variables.Named.Select(name => name.Text) : [variables.Text],
                        ]);
                    return;
                default:
                    foreach (var child in node.Named)
                    {
                        Walk(child, locals);
                    }

                    return;
            }
        }

        Mistake At(string code, BicepNode node, string text) => new(code, file.Path, node.Line, text);
    }

    /// <summary>The grammar takes items side by side as Bicep does not.</summary>
    private static IEnumerable<BicepNode> Unseparated(BicepNode list)
    {
        for (var i = 1; i < list.Children.Count; i++)
        {
            var (before, node) = (list.Children[i - 1], list.Children[i]);
            if (before.IsNamed && node.IsNamed && !list.Source.AsSpan(before.End, node.Start - before.End).Contains('\n'))
            {
                yield return node;
            }
        }
    }

    private static void CheckCall(BicepFile file, BicepNode call, List<Mistake> found)
    {
        var name = call.ByField("function")!.Text;
        var count = call.ByField("arguments")!.Named.Count();
        if (!BicepFunctions.Arity.TryGetValue(name, out var arity))
        {
            found.Add(new("FUNCTION", file.Path, call.Line, $"'{name}' is not a function that these files may use"));
        }
        else if (count < arity.Least || count > arity.Most)
        {
            found.Add(new("FUNCTION", file.Path, call.Line, $"{name} takes {arity.Least} to {arity.Most} arguments, got {count}"));
        }
    }

    private static void CheckDecorators(BicepFile file, Declaration declaration, List<Mistake> found)
    {
        foreach (var decorator in declaration.Decorators)
        {
            if (!Decorators.TryGetValue(decorator.Name, out var arguments) || decorator.Arguments.Count != arguments)
            {
                found.Add(
                    new(
                        "DECORATOR",
                        file.Path,
                        decorator.Node.Line,
                        $"'@{decorator.Name}' with {decorator.Arguments.Count} arguments is none that these files may use"));
            }
        }

        var needsDescription = file.Using is null && declaration.Kind is (DeclarationKind.Parameter or DeclarationKind.Output);
        if (needsDescription && declaration.Decorator("description") is null)
        {
            found.Add(new("DESCRIPTION", file.Path, declaration.Node.Line, $"'{declaration.Name}' has no description"));
        }
    }
}
