namespace Relay.Infra.Tests.Bicep;

/// <summary>A node of the parse tree: what tree-sitter-bicep made of a stretch of source.</summary>
internal sealed class BicepNode
{
    public required string Type { get; init; }

    /// <summary>The grammar's name for the node's part in its parent, or null.</summary>
    public string? Field { get; init; }

    public bool IsNamed { get; init; }

    /// <summary>Something unexpected here, or something expected that is missing.</summary>
    public bool IsError { get; init; }

    public required int Start { get; init; }

    public required int End { get; init; }

    public required string Source { get; init; }

    public IReadOnlyList<BicepNode> Children { get; init; } = [];

    public string Text => Source[Start..End];

    /// <summary>From 1.</summary>
    public int Line => Source.AsSpan(0, Start).Count('\n') + 1;

    public IEnumerable<BicepNode> Named => Children.Where(child => child.IsNamed);

    public BicepNode? ByField(string field) => Children.FirstOrDefault(child => child.Field == field);

    public bool Has(string token) => Children.Any(child => !child.IsNamed && child.Type == token);

    public IEnumerable<BicepNode> DescendantsAndSelf()
    {
        var waiting = new Stack<BicepNode>([this]);
        while (waiting.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.Children.Reverse())
            {
                waiting.Push(child);
            }
        }
    }
}
