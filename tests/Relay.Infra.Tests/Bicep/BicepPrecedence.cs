namespace Relay.Infra.Tests.Bicep;

/// <summary>
/// Puts right how tightly postfix operators bind. The grammar gives <c>.</c>
/// and <c>[]</c> the lowest precedence, so that <c>a &amp;&amp; b.c</c>
/// comes out as <c>(a &amp;&amp; b).c</c> and <c>x => x.y</c> as <c>(x => x).y</c>; in Bicep they bind tightest.
/// </summary>
internal static class BicepPrecedence
{
    /// <summary>Works on a node whose children are right already.</summary>
    public static BicepNode Correct(BicepNode node)
    {
        if (node.Type is not ("member_expression" or "subscript_expression")
            || node.ByField("object") is not { } loose
            || Last(loose) is not { } last)
        {
            return node;
        }

        var tight = Correct(
            With(
                node,
                node.Children.Select(child => child == loose ? Field(last, "object") : child).ToList(),
                last.Start,
                node.End,
                last.Field));
        return With(loose, [.. loose.Children.SkipLast(1), tight], loose.Start, node.End, node.Field);
    }

    private static BicepNode? Last(BicepNode node) =>
        node.Type is "binary_expression" or "ternary_expression" or "unary_expression" or "lambda_expression" ? node.Children[^1] : null;

    private static BicepNode Field(BicepNode node, string field) => With(node, node.Children, node.Start, node.End, field);

    private static BicepNode With(BicepNode node, IReadOnlyList<BicepNode> children, int start, int end, string? field) => new()
    {
        Type = node.Type,
        Field = field,
        IsNamed = node.IsNamed,
        IsError = node.IsError,
        Start = start,
        End = end,
        Source = node.Source,
        Children = children,
    };
}
