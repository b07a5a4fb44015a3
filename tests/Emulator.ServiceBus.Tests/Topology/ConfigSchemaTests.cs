using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Topology;

/// <summary>What the schema tells editors is what the reader takes.</summary>
public sealed partial class ConfigSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllBytes("Topology/config.schema.json")).RootElement;

    /// <summary>An object of Config.json with a member that nothing knows, and where the schema describes that object.</summary>
    [Theory]
    [InlineData("""{"Unknown":1,"UserConfig":{"Namespaces":[{"Name":"n"}]}}""", "")]
    [InlineData("""{"UserConfig":{"Unknown":1,"Namespaces":[{"Name":"n"}]}}""", "properties/UserConfig")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Unknown":1}]}}""", "$defs/Namespace")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Queues":[{"Name":"q","Unknown":1}]}]}}""", "$defs/Queue")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Queues":[{"Name":"q","Properties":{"Unknown":1}}]}]}}""", "$defs/QueueProperties")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Unknown":1}]}]}}""", "$defs/Topic")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Properties":{"Unknown":1}}]}]}}""", "$defs/TopicProperties")]
    [InlineData("""{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Unknown":1}]}]}]}}""", "$defs/Subscription")]
    [InlineData(
        """{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Properties":{"Unknown":1}}]}]}]}}""", "$defs/SubscriptionProperties")]
    [InlineData(
        """{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Rules":[{"Name":"r","Unknown":1}]}]}]}]}}""", "$defs/Rule")]
    [InlineData(
        """{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Rules":[{"Name":"r","Properties":{"Unknown":1}}]}]}]}]}}""",
        "$defs/RuleProperties")]
    public void Members_OfEveryObject_AreThoseOfTheReader(string json, string definition)
    {
        Assert.False(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        var known = Members().Match(error).Groups[1].Value.Split(", ");

        var described = definition.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(Schema, (schema, member) => schema.GetProperty(member));
        var properties = described.GetProperty("properties").EnumerateObject().Select(member => member.Name);
        Assert.Equal(known.Order(StringComparer.Ordinal), properties.Order(StringComparer.Ordinal));
        Assert.False(described.GetProperty("additionalProperties").GetBoolean());
    }

    [Theory]
    [InlineData("EntityName", 260)]
    [InlineData("ShortName", 50)]
    [InlineData("RuleName", 50)]
    public void Names_OfTheSchema_AreThoseOfTheReader(string definition, int most)
    {
        var schema = Schema.GetProperty("$defs").GetProperty(definition);
        Assert.Equal(most, schema.GetProperty("maxLength").GetInt32());
        foreach (var name in new[] { "a", "ends-", "ends_", "ends.", "ti~lde~", "a/b", "-a", "_a", "a/", "a b", "ümlaut", "$Other" })
        {
            var json =
                """{"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Rules":[{"Name":"NAME"}]}]}]}]}}"""
                    .Replace("NAME", name, StringComparison.Ordinal);
            var isTaken = NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out _);
            Assert.Equal((name, isTaken), (name, Regex.IsMatch(name, schema.GetProperty("pattern").GetString()!)));
        }
    }

    [Fact]
    public void TryParse_ADocumentThatNamesItsSchema_ReadsIt() =>
        Assert.True(NamespaceTopology.TryParse("""{"$schema":"./config.schema.json","UserConfig":{"Namespaces":[{"Name":"n"}]}}"""u8, out _, out _));

    [GeneratedRegex("Unknown: expected one of (.*), got an unknown member")]
    private static partial Regex Members();
}
