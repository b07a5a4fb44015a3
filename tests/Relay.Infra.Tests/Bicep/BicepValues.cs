namespace Relay.Infra.Tests.Bicep;

// Values are null, bool, long, string, List<object?>, Dictionary<string, object?> or one of these.

/// <summary>Something that only the deployed resource knows, such as a principal id: a path instead of a value.</summary>
internal sealed record RuntimeValue(string Path)
{
    public override string ToString() => $"<{Path}>";
}

/// <summary>A function literal.</summary>
internal sealed record LambdaValue(IReadOnlyList<string> Parameters, BicepNode Body, BicepScope Scope);

/// <summary>A resource that is declared or, with <see cref="IsExisting"/>, only referred to.</summary>
/// <param name="Name">The last part only.</param>
/// <param name="ScopeId">What an extension resource (role assignment, diagnostic setting) belongs to, else null.</param>
/// <param name="IsDeployed">Its condition held.</param>
internal sealed record ResourceValue(
    string Type,
    string ApiVersion,
    string Name,
    string Id,
    string? ScopeId,
    ResourceValue? Scope,
    bool IsExisting,
    bool IsDeployed,
    Dictionary<string, object?> Body,
    string File,
    int Line)
{
    public Dictionary<string, object?> Properties => Body.GetValueOrDefault("properties") as Dictionary<string, object?> ?? [];

    public bool Is(string type) => string.Equals(Type, type, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A deployed module; outputs are computed when asked for.</summary>
internal sealed record ModuleValue(string Name, BicepEvaluation Evaluation);

/// <summary>Names that loops and lambdas bring.</summary>
internal sealed record BicepScope(BicepScope? Outer, Dictionary<string, object?> Names)
{
    public static readonly BicepScope Empty = new(null, []);

    public BicepScope With(params (string Name, object? Value)[] names) =>
        new(this, names.ToDictionary(name => name.Name, name => name.Value));

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Names.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }
}
