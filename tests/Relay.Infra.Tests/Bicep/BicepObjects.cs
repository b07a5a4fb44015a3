namespace Relay.Infra.Tests.Bicep;

/// <summary>Reading object literals.</summary>
internal static class BicepObjects
{
    public static IEnumerable<(string Key, BicepNode KeyNode, BicepNode Value)> Properties(this BicepNode node) =>
        node.Named.Where(child => child.Type == "object_property" && child.Children.Count >= 3)
            .Select(child => (Key(child.Children[0]), child.Children[0], child.Named.Last()));

    public static BicepNode? Property(this BicepNode node, string name) =>
        node.Properties().FirstOrDefault(property => property.Key == name).Value;

    /// <summary>The object literals that an expression may become: through ternaries, parentheses and union().</summary>
    public static IEnumerable<BicepNode> Objects(this BicepNode node) => node.Type switch
    {
        "object" => [node],
        "ternary_expression" => node.ByField("consequence")!.Objects().Concat(node.ByField("alternative")!.Objects()),
        "parenthesized_expression" => node.Named.SelectMany(Objects),
        "call_expression" when node.ByField("function")!.Text == "union" => node.ByField("arguments")!.Named.SelectMany(Objects),
        "array" => node.Named.SelectMany(Objects),
        "for_statement" => node.ByField("body")!.Objects(),
        _ => [],
    };

    private static string Key(BicepNode node) => node.Type == "string" ? BicepFile.StringText(node) : node.Text;
}
