using System.Text;
using System.Text.Json;

namespace Relay.Infra.Tests.Bicep;

/// <summary>
/// Works out what a file deploys for given parameters: a small interpreter of the parse tree, enough for this repository's files and
/// loud about anything else. Symbols are computed when first asked for, as order in Bicep means nothing.
/// </summary>
internal sealed class BicepEvaluation
{
    private readonly BicepProgram _program;
    private readonly BicepFile _file;
    private readonly ResourceValue? _group;
    private readonly Dictionary<string, Declaration> _symbols;
    private readonly Dictionary<string, object?> _values = [];
    private readonly HashSet<string> _running = [];

    public BicepEvaluation(BicepProgram program, BicepFile file, ResourceValue? group, IReadOnlyDictionary<string, object?> arguments)
    {
        (_program, _file, _group) = (program, file, group);
        _symbols = file.Declarations.Where(declaration => declaration.Kind != DeclarationKind.Output)
            .ToDictionary(declaration => declaration.Name);
        foreach (var parameter in file.Of(DeclarationKind.Parameter))
        {
            if (arguments.TryGetValue(parameter.Name, out var value))
            {
                _values[parameter.Name] = value;
                CheckArgument(parameter, value);
            }
        }
    }

    /// <summary>Evaluates every resource, module and output.</summary>
    public void Run()
    {
        foreach (var declaration in _file.Declarations)
        {
            if (declaration.Kind == DeclarationKind.Output)
            {
                Guard(declaration.Node, () => Output(declaration.Name));
            }
            else
            {
                Guard(declaration.Node, () => Symbol(declaration.Name));
            }
        }
    }

    public object? Output(string name)
    {
        var output = _file.Of(DeclarationKind.Output).FirstOrDefault(declaration => declaration.Name == name)
            ?? throw new BicepException($"{_file.Path} has no output '{name}'");
        var value = Evaluate(output.Value!, BicepScope.Empty);
        if (value is not RuntimeValue && BicepFunctions.Kind(value) != output.TypeText)
        {
            _program.Report(
                "BCP033", _file, output.Node, $"output '{name}' is declared {output.TypeText}, its value is {BicepFunctions.Kind(value)}");
        }

        return value;
    }

    public object? LoadJson(string path)
    {
        var full = BicepProgram.Combine(_file.Path, path);
        using var json = JsonDocument.Parse(_program.Texts.GetValueOrDefault(full) ?? throw new BicepException($"'{path}' does not exist"));
        return BicepFunctions.FromJson(json.RootElement);
    }

    public object? Invoke(object? function, object? argument)
    {
        var lambda = function as LambdaValue ?? throw new BicepException($"expected a lambda, got {BicepFunctions.Kind(function)}");
        return Evaluate(lambda.Body, lambda.Scope.With((lambda.Parameters[0], argument)));
    }

    public object? Evaluate(BicepNode node, BicepScope scope) => node.Type switch
    {
        "string" => Interpolate(node, scope),
        "number" => long.Parse(node.Text, System.Globalization.CultureInfo.InvariantCulture),
        "boolean" => node.Text == "true",
        "null" => null,
        "identifier" => scope.TryGet(node.Text, out var local) ? local : Symbol(node.Text),
        "array" => node.Named.Select(item => Evaluate(item, scope)).ToList(),
        "object" => EvaluateObject(node, scope),
        "parenthesized_expression" => Evaluate(node.Named.Single(), scope),
        "ternary_expression" => Evaluate(node.ByField(Truth(node.ByField("condition")!, scope) ? "consequence" : "alternative")!, scope),
        "binary_expression" => Binary(node, scope),
        "unary_expression" =>
            node.ByField("operator")!.Text == "!"
                ? !Truth(node.ByField("argument")!, scope)
                : -(long)Evaluate(node.ByField("argument")!, scope)!,
        "member_expression" => Member(Evaluate(node.ByField("object")!, scope), node.ByField("property")!.Text, node.Has(".?")),
        "subscript_expression" => Index(Evaluate(node.ByField("object")!, scope), Evaluate(node.ByField("index")!, scope)),
        "lambda_expression" => new LambdaValue(LambdaParameters(node), node.Named.Last(), scope),
        "call_expression" => Call(node, scope),
        "for_statement" => EvaluateFor(node, scope),
        _ => throw new BicepException($"'{node.Text}' ({node.Type}) is not an expression that these checks know"),
    };

    private static List<string> LambdaParameters(BicepNode node)
    {
        var first = node.Named.First();
        return first.Type == "identifier" ? [first.Text] : first.Named.Select(name => name.Text).ToList();
    }

    private object? Symbol(string name)
    {
        if (_values.TryGetValue(name, out var value))
        {
            return value;
        }

        var declaration = _symbols.GetValueOrDefault(name) ?? throw new BicepException($"'{name}' is not declared");
        if (!_running.Add(name))
        {
            throw new BicepException($"'{name}' depends on itself");
        }

        try
        {
            value = declaration.Kind switch
            {
                DeclarationKind.Parameter => declaration.Value is { } fallback
                    ? Evaluate(fallback, BicepScope.Empty)
                    : throw new BicepException($"parameter '{name}' has no value and no default"),
                DeclarationKind.Variable => Evaluate(declaration.Value!, BicepScope.Empty),
                DeclarationKind.Resource => Repeat(declaration, scope => Resource(declaration, scope)),
                DeclarationKind.Module => Repeat(declaration, scope => Module(declaration, scope)),
                DeclarationKind.Output => throw new BicepException($"'{name}' is an output"),
            };
            if (declaration.Kind == DeclarationKind.Parameter)
            {
                CheckArgument(declaration, value);
            }

            return _values[name] = value;
        }
        finally
        {
            _running.Remove(name);
        }
    }

    private object? Repeat(Declaration declaration, Func<BicepScope, object?> evaluate)
    {
        if (declaration.Loop is not { } loop)
        {
            return evaluate(BicepScope.Empty);
        }

        var items = Evaluate(loop.Source, BicepScope.Empty) as List<object?> ?? throw new BicepException("a loop needs an array");
        return items.Select((item, i) => evaluate(LoopScope(loop, item, i))).ToList();
    }

    private static BicepScope LoopScope(Loop loop, object? item, int i) =>
        loop.Index is { } index ? BicepScope.Empty.With((loop.Item, item), (index, (long)i)) : BicepScope.Empty.With((loop.Item, item));

    private bool Holds(Declaration declaration, BicepScope scope) => declaration.Condition is not { } condition || Truth(condition, scope);

    private ResourceValue Resource(Declaration declaration, BicepScope scope)
    {
        var deployed = Holds(declaration, scope);
        var body = (Dictionary<string, object?>)Evaluate(
            deployed || declaration.IsExisting ? declaration.Value! : Shell(declaration.Value!), scope)!;
        var (type, version) = declaration.TypeText!.Split('@') is [var first, var second] ? (first, second) : (declaration.TypeText, "");
        var name = BicepFunctions.Text(body.GetValueOrDefault("name"));
        var parent = body.GetValueOrDefault("parent") as ResourceValue;
        var over = body.GetValueOrDefault("scope") as ResourceValue;
        var isExtension = over is not null && !over.Is("Microsoft.Resources/resourceGroups");
        var id = parent is not null ? $"{parent.Id}/{type.Split('/')[^1]}/{name}"
            : isExtension ? $"{over!.Id}/providers/{type}/{name}"
            : type == "Microsoft.Resources/resourceGroups" ? $"{BicepFunctions.SubscriptionId}/resourceGroups/{name}"
            : $"{_group?.Id ?? BicepFunctions.SubscriptionId}/providers/{type}/{name}";
        var extended = isExtension ? over : null;
        var resource = new ResourceValue(
            type, version, name, id, extended?.Id, extended, declaration.IsExisting, deployed, body, _file.Path, declaration.Node.Line);
        if (deployed && !declaration.IsExisting)
        {
            _program.Resources.Add(resource);
        }

        return resource;
    }

    /// <summary>The identity of a resource that is not deployed: enough to refer to it, without evaluating what may not exist.</summary>
    private static BicepNode Shell(BicepNode body) => new()
    {
        Type = body.Type,
        Start = body.Start,
        End = body.End,
        Source = body.Source,
        IsNamed = true,
        Children = body.Children.Where(child => child.Type == "object_property" && child.Children[0].Text is "name" or "parent").ToList(),
    };

    private ModuleValue? Module(Declaration declaration, BicepScope scope)
    {
        if (!Holds(declaration, scope))
        {
            return null;
        }

        var body = declaration.Value!;
        var name = BicepFunctions.Text(Evaluate(body.Property("name")!, scope));
        var file = _program.Files.GetValueOrDefault(BicepProgram.Combine(_file.Path, declaration.TypeText!))
            ?? throw new BicepException($"module '{declaration.TypeText}' does not exist");
        var group = body.Property("scope") is { } over ? Evaluate(over, scope) as ResourceValue : _group;
        if ((file.TargetScope == "resourceGroup") != (group is not null))
        {
            var given = group is null ? "a subscription" : "a resource group";
            _program.Report(
                "BCP134", _file, declaration.Node, $"module '{declaration.Name}' is for a {file.TargetScope} and is given {given}");
        }

        var arguments = body.Property("params") is { } values ? (Dictionary<string, object?>)Evaluate(values, scope)! : [];
        var evaluation = new BicepEvaluation(_program, file, group, arguments);
        _program.Deployments.Add((name, _file.Path, declaration.Node.Line));
        evaluation.Run();
        return new(name, evaluation);
    }

    private static object? Member(object? value, string name, bool safe) => value switch
    {
        null when safe => null,
        null => throw new BicepException($"'{name}' of null: what it belongs to is not deployed under these parameters"),
        RuntimeValue runtime => new RuntimeValue($"{runtime.Path}.{name}"),
        ResourceValue resource => name switch
        {
            "id" => resource.Id,
            "name" => resource.Name,
            "type" => resource.Type,
            "properties" or "identity" => new RuntimeValue($"{resource.Type}/{resource.Name}.{name}"),
            _ => throw new BicepException($"'{name}' of a resource is not one of id, name, type, properties, identity"),
        },
        ModuleValue module =>
            name == "outputs" ? module.Evaluation : throw new BicepException($"'{name}' of a module: only outputs can be read"),
        BicepEvaluation outputs => outputs.Output(name),
        Dictionary<string, object?> map => map.TryGetValue(name, out var found) || safe
            ? found
            : throw new BicepException($"no member '{name}' among {string.Join(", ", map.Keys)}"),
        _ => throw new BicepException($"'{name}' of {BicepFunctions.Kind(value)}"),
    };

    private static object? Index(object? value, object? index) => (value, index) switch
    {
        (RuntimeValue runtime, _) => new RuntimeValue($"{runtime.Path}[{BicepFunctions.Text(index)}]"),
        (List<object?> list, long i) when i >= 0 && i < list.Count => list[(int)i],
        (Dictionary<string, object?> map, string key) when map.TryGetValue(key, out var found) => found,
        _ => throw new BicepException($"nothing at '{BicepFunctions.Text(index)}' of {BicepFunctions.Kind(value)}"),
    };

    private object? Call(BicepNode node, BicepScope scope)
    {
        var name = node.ByField("function")!.Text;
        var arguments = node.ByField("arguments")!.Named.Select(argument => Evaluate(argument, scope)).ToList();
        return BicepFunctions.Call(this, name, arguments);
    }

    private List<object?> EvaluateFor(BicepNode node, BicepScope scope)
    {
        var variables = node.Named.First();
        var names = variables.Type == "for_loop_parameters" ? variables.Named.Select(name => name.Text).ToList() : [variables.Text];
        var source = Evaluate(node.Children.SkipWhile(child => child.Type != "in").Skip(1).First(), scope) as List<object?>
            ?? throw new BicepException("a loop needs an array");
        return source.Select((item, i) => Evaluate(
            node.ByField("body")!,
            names.Count == 2 ? scope.With((names[0], item), (names[1], (long)i)) : scope.With((names[0], item)))).ToList();
    }

    private Dictionary<string, object?> EvaluateObject(BicepNode node, BicepScope scope)
    {
        var result = new Dictionary<string, object?>();
        foreach (var (_, keyNode, value) in node.Properties())
        {
            // Order of deployment says nothing about what is deployed, and following it here would make cycles of it.
            var key = keyNode.Type == "string" ? Interpolate(keyNode, scope) : keyNode.Text;
            result[key] = key == "dependsOn" ? null : Evaluate(value, scope);
        }

        return result;
    }

    private string Interpolate(BicepNode node, BicepScope scope)
    {
        // Literal parts are read from the source: the grammar drops blanks beside an interpolation.
        var text = new StringBuilder();
        var at = node.Start + 1;
        foreach (var hole in node.Children.Where(child => child.Type == "interpolation"))
        {
            text.Append(Unescape(node.Source[at..hole.Start]));
            text.Append(BicepFunctions.Text(Evaluate(hole.Named.Single(), scope)));
            at = hole.End;
        }

        return text.Append(Unescape(node.Source[at..(node.End - 1)])).ToString();
    }

    private static string Unescape(string text) =>
        text.Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

    private bool Truth(BicepNode node, BicepScope scope) =>
        Evaluate(node, scope) as bool? ?? throw new BicepException($"'{node.Text}' is not a bool");

    private object? Binary(BicepNode node, BicepScope scope)
    {
        var (left, right) = (node.ByField("left")!, node.ByField("right")!);
        return node.ByField("operator")!.Text switch
        {
            "&&" => Truth(left, scope) && Truth(right, scope),
            "||" => Truth(left, scope) || Truth(right, scope),
            "??" => Evaluate(left, scope) ?? Evaluate(right, scope),
            "==" => Equals(Evaluate(left, scope), Evaluate(right, scope)),
            "!=" => !Equals(Evaluate(left, scope), Evaluate(right, scope)),
            ">" => Number(left, scope) > Number(right, scope),
            "<" => Number(left, scope) < Number(right, scope),
            "+" => Number(left, scope) + Number(right, scope),
            "-" => Number(left, scope) - Number(right, scope),
            "*" => Number(left, scope) * Number(right, scope),
            "/" => Number(left, scope) / Number(right, scope),
            "%" => Number(left, scope) % Number(right, scope),
            var other => throw new BicepException($"operator '{other}' is not one that these checks know"),
        };
    }

    private long Number(BicepNode node, BicepScope scope) =>
        Evaluate(node, scope) as long? ?? throw new BicepException($"'{node.Text}' is not an int");

    private void CheckArgument(Declaration parameter, object? value)
    {
        void Wrong(string code, string text) => _program.Report(code, _file, parameter.Node, $"parameter '{parameter.Name}': {text}");
        if (value is RuntimeValue || _file.Using is not null)
        {
            return;
        }

        if (BicepFunctions.Kind(value) != parameter.TypeText)
        {
            Wrong("BCP036", $"expected {parameter.TypeText}, got {BicepFunctions.Kind(value)}");
            return;
        }

        long? Bound(string decorator) =>
            parameter.Decorator(decorator) is { } found ? (long)Evaluate(found.Arguments[0], BicepScope.Empty)! : null;
        if (value is string text && (text.Length < Bound("minLength") || text.Length > Bound("maxLength")))
        {
            Wrong("BCP332", $"'{text}' has {text.Length} characters, expected {Bound("minLength") ?? 0} to {Bound("maxLength")}");
        }

        if (value is long number && (number < Bound("minValue") || number > Bound("maxValue")))
        {
            Wrong("BCP328", $"{number} is not within {Bound("minValue")} to {Bound("maxValue")}");
        }

        if (parameter.Decorator("allowed") is { } allowed
            && Evaluate(allowed.Arguments[0], BicepScope.Empty) is List<object?> choices
            && !choices.Contains(value))
        {
            Wrong("BCP036", $"'{BicepFunctions.Text(value)}' is not one of {string.Join(", ", choices.Select(BicepFunctions.Text))}");
        }
    }

    private void Guard(BicepNode node, Action evaluate)
    {
        try
        {
            evaluate();
        }
        catch (BicepException exception)
        {
            _program.Report("EVAL", _file, node, exception.Message);
        }
        catch (InvalidCastException)
        {
            _program.Report("EVAL", _file, node, $"a value has another type than expected: {node.Text.Split('\n')[0]}");
        }
    }
}
