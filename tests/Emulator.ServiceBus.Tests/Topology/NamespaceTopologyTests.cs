using System.Text;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Topology;

public sealed class NamespaceTopologyTests
{
    // The official emulator's shape: every member it documents for queues, topics, subscriptions and correlation rules.
    private const string Whole = """
        { // comments are allowed
          "UserConfig": {
            "Namespaces": [ { "Name": "sbemulatorns",
              "Queues": [ { "Name": "queue.1", "Properties": { "DeadLetteringOnMessageExpiration": true, "DefaultMessageTimeToLive": "PT1H",
                "DuplicateDetectionHistoryTimeWindow": "PT20S", "ForwardDeadLetteredMessagesTo": "", "ForwardTo": "", "LockDuration": "PT30S",
                "MaxDeliveryCount": 3, "RequiresDuplicateDetection": true, "RequiresSession": false } }, { "Name": "plain" } ],
              "Topics": [ { "Name": "topic.1", "Properties": { "DefaultMessageTimeToLive": "P14D", "DuplicateDetectionHistoryTimeWindow": "PT20S", "RequiresDuplicateDetection": false },
                "Subscriptions": [
                  { "Name": "sub.1", "Properties": { "LockDuration": "PT1M", "MaxDeliveryCount": 2000 },
                    "Rules": [ { "Name": "by-prop", "Properties": { "FilterType": "Correlation", "CorrelationFilter": { "ContentType": "a/b", "Properties": { "k": "v", "n": 1 } } } },
                               { "Name": "all", "Properties": { "FilterType": "Sql", "SqlFilter": { "SqlExpression": "1=1" } } } ] },
                  { "Name": "sub.2" } ] } ] } ],
            "Logging": { "Type": "File" } } }
        """;

    [Fact]
    public void TryParse_WholeOfficialShape_ReadsEveryMember()
    {
        Assert.True(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(Whole), out var topology, out var error), error);

        Assert.Equal("sbemulatorns", topology.Name);
        var queue = topology.Queues[0];
        Assert.Equal(
            new QueueSettings
            {
                Name = "queue.1",
                DeadLetteringOnMessageExpiration = true,
                DefaultMessageTimeToLive = TimeSpan.FromHours(1),
                DuplicateDetectionHistoryTimeWindow = TimeSpan.FromSeconds(20),
                LockDuration = TimeSpan.FromSeconds(30),
                MaxDeliveryCount = 3,
                RequiresDuplicateDetection = true,
            },
            queue);
        Assert.Equal(new QueueSettings { Name = "plain" }, topology.Queues[1]);
        var topic = Assert.Single(topology.Topics);
        Assert.Equal(TimeSpan.FromDays(14), topic.DefaultMessageTimeToLive);
        var correlation = Assert.IsType<CorrelationFilter>(topic.Subscriptions[0].Rules[0].Filter);
        Assert.Equal("a/b", correlation.ContentType);
        Assert.Equal(1L, correlation.Properties["n"]);
        Assert.Same(TrueFilter.Instance, topic.Subscriptions[0].Rules[1].Filter);
        Assert.Equal("$Default", Assert.Single(topic.Subscriptions[1].Rules).Name);
    }

    [Theory]
    [InlineData("""{"Name":"q","Properties":{"LockDuration":"PT1S"}}""", "Queues[0].Properties.LockDuration: expected PT5S to PT5M, got PT1S")]
    [InlineData("""{"Name":"q","Properties":{"LockDuration":"soon"}}""", "Queues[0].Properties.LockDuration: expected an ISO 8601 duration such as \"PT1M\", got \"soon\"")]
    [InlineData("""{"Name":"q","Properties":{"LockDuration":60}}""", "Queues[0].Properties.LockDuration: expected an ISO 8601 duration such as \"PT1M\", got 60")]
    [InlineData("""{"Name":"q","Properties":{"MaxDeliveryCount":"3"}}""", "Queues[0].Properties.MaxDeliveryCount: expected a whole number, got \"3\"")]
    [InlineData("""{"Name":"q","Properties":{"MaxDeliveryCount":0}}""", "Queues[0].Properties.MaxDeliveryCount: expected 1 to 2000, got 0")]
    [InlineData("""{"Name":"q","Properties":{"RequiresDuplicateDetection":"yes"}}""", "Queues[0].Properties.RequiresDuplicateDetection: expected true or false, got \"yes\"")]
    [InlineData("""{"Name":"q","Properties":{"ForwardTo":"other"}}""", "Queues[0].Properties.ForwardTo: expected a queue or topic that is declared, got \"other\"")]
    [InlineData("""{"Name":"q","Properties":{"LokDuration":"PT1M"}}""", "Queues[0].Properties.LokDuration: expected one of LockDuration, ")]
    [InlineData("""{"Name":"-q"}""", "Queues[0].Name: expected 1 to 260 letters, digits, '.', '-', '_', '/' or '~', the first a letter or digit, got \"-q\"")]
    [InlineData("""{"Properties":{}}""", "Queues[0].Name: expected a string, got nothing")]
    [InlineData("""{"Name":"q"},{"Name":"Q"}""", "Queues[1].Name: expected a name no other queue or topic has, got \"Q\" again")]
    [InlineData("7", "Queues[0]: expected an object, got 7")]
    public void TryParse_BadQueue_NamesPathExpectationAndValue(string queues, string expected)
    {
        var json = """{"UserConfig":{"Namespaces":[{"Name":"n","Queues":[QUEUES]}]}}""".Replace("QUEUES", queues, StringComparison.Ordinal);

        Assert.False(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out var topology, out var error));

        Assert.Contains("$.UserConfig.Namespaces[0]." + expected, error, StringComparison.Ordinal);
        Assert.Empty(topology.Queues);
    }

    [Theory]
    [InlineData("""{"FilterType":"Sql","SqlFilter":{"SqlExpression":"a = "}}""", "Properties: SQL filter \"a = \" at position 4: expected a value, a property or '(', got the end")]
    [InlineData("""{"FilterType":"Sql"}""", "Properties.SqlFilter.SqlExpression: expected a string, got nothing")]
    [InlineData("""{"FilterType":"Other"}""", "Properties.FilterType: expected \"Correlation\" or \"Sql\", got \"Other\"")]
    [InlineData("""{"FilterType":"Correlation"}""", "Properties.CorrelationFilter: expected an object, got nothing")]
    [InlineData("""{"FilterType":"Correlation","CorrelationFilter":{}}""", "Properties.CorrelationFilter: expected at least one condition, got none")]
    [InlineData("""{"FilterType":"Sql","SqlFilter":{"SqlExpression":"1=1"},"Action":{"SqlExpression":"SET a"}}""", "Properties: SQL action \"SET a\" at position 5: expected '=', got the end")]
    public void TryParse_BadRule_NamesPathExpectationAndValue(string properties, string expected)
    {
        const string Around = """
            {"UserConfig":{"Namespaces":[{"Name":"n","Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Rules":[{"Name":"r","Properties":PROPERTIES}]}]}]}]}}
            """;
        var json = Around.Replace("PROPERTIES", properties, StringComparison.Ordinal);

        Assert.False(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));

        Assert.Contains("$.UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0]." + expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "$: expected JSON")]
    [InlineData("[]", "$: expected an object, got an array")]
    [InlineData("{}", "$.UserConfig: expected an object, got nothing")]
    [InlineData("""{"UserConfig":{"Namespaces":[]}}""", "$.UserConfig.Namespaces: expected an array of exactly one namespace, got 0")]
    [InlineData("""{"UserConfig":{"Namespaces":[{},{}]}}""", "$.UserConfig.Namespaces: expected an array of exactly one namespace, got 2")]
    public void TryParse_NotTheShape_SaysWhere(string json, string expected)
    {
        Assert.False(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_EveryPrefix_IsRefusedWithoutThrowing()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var length = 0; length < bytes.Length - 1; length++)
        {
            Assert.False(NamespaceTopology.TryParse(bytes.AsSpan(0, length), out _, out var error));
            Assert.NotEmpty(error);
        }
    }

    [Fact]
    public void TryParse_SeveralFaults_ReportsAll()
    {
        const string json = """{"UserConfig":{"Namespaces":[{"Name":"n","Queues":[{"Name":"a","Properties":{"LockDuration":"PT1S","MaxDeliveryCount":0}},{"Name":"_"}]}]}}""";

        Assert.False(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out var error));

        Assert.Equal(3, error.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void Validate_BuiltInCode_NamesThePropertyWithoutJsonPath()
    {
        var topology = new NamespaceTopology { Queues = [new QueueSettings { Name = "q", LockDuration = TimeSpan.FromHours(1) }] };

        Assert.Equal(["Queues[0].LockDuration: expected PT5S to PT5M, got PT1H"], topology.Validate());
    }
}
