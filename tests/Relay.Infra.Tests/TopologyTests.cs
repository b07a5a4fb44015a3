using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Emulator.ServiceBus.Topology;
using Relay.Infra.Tests.Bicep;
using Relay.Local.Topology;

namespace Relay.Infra.Tests;

/// <summary>
/// One topology: the file, what Bicep declares and what the emulators are given
/// are the same. What runs then: TopologyTests of Relay.IntegrationTests.
/// </summary>
public sealed class TopologyTests(InfraFixture infra)
{
    private static readonly string File = Path.Combine(InfraSources.Infra, "topology.json");

    private readonly RelayTopology _topology = RelayTopology.Load(File);

    public static TheoryData<string, string, string> Broken => new()
    {
        { "\"quorum\": 3", "\"quorum\": 5", "quorum is 5" },
        { "\"quorum\": 3", "\"quorums\": 3", "quorum" },
        { "\"quorum\": 3", "\"quorum\": 3, \"quorum\": 3", "quorum" },
        { "[\"us\", \"iran\"]", "[\"us\", \"us\"]", "'us' is named 2 times" },
        { "[\"us\", \"iran\"]", "[\"us\", \"Iran\"]", "'Iran' is not a label" },
        { "\"name\": \"swiss\"", "\"name\": \"qatar\"", "'qatar' is named 2 times" },
        { "\"weight\": 2", "\"weight\": 0", "weight" },
        { "\"name\": \"envelopes-urgent\"", "\"name\": \"envelopes\"", "'envelopes' is named 2 times" },
        { "\"lane\": \"urgent\"", "\"lane\": \"fast\"", "lane is 'fast'" },
        { "\"lockDuration\": \"PT1M\"", "\"lockDuration\": \"PT6M\"", "lock" },
        { "\"lockDuration\": \"PT1M\"", "\"lockDuration\": \"1 minute\"", "ISO 8601" },
        { "\"maxDeliveryCount\": 10", "\"maxDeliveryCount\": 2001", "2001" },
        { "\"duplicateDetectionHistoryTimeWindow\": \"PT10M\"", "\"duplicateDetectionHistoryTimeWindow\": \"PT1S\"", "20 s" },
        { "\"duplicateDetectionHistoryTimeWindow\": \"PT10M\",", "", "window" },
        { "\"name\": \"ledger\"", "\"name\": \"Ledger\"", "'Ledger' is not a container name" },
        { "\"relay\": \"write\"", "\"relay\": \"own\"", "'own'" },
        { "\"name\": \"relay-checkpoint\"", "\"name\": \"relay_checkpoint\"", "'relay_checkpoint' is not a key name" },
    };

    [Theory]
    [InlineData("prod", 2)]
    [InlineData("dev", 1)]
    public async Task Bicep_EntitiesAndSettings_AreTheTopologys(string stage, int apps)
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), stage);
        IEnumerable<ResourceValue> Of(string type) => program.Resources.Where(resource => resource.Is(type));
        string Declared(ResourceValue resource, string path, params string[] settings) =>
            $"{path} {string.Join(' ', settings.Select(setting => BicepFunctions.Text(resource.Properties.GetValueOrDefault(setting))))}";
        string[] queueSettings =
        [
            "lockDuration", "maxDeliveryCount", "defaultMessageTimeToLive", "deadLetteringOnMessageExpiration",
            "requiresDuplicateDetection", "requiresSession",
        ];
        string[] topicSettings = ["defaultMessageTimeToLive", "requiresDuplicateDetection", "duplicateDetectionHistoryTimeWindow"];
        string[] subscriptionSettings =
        [
            "lockDuration", "maxDeliveryCount", "defaultMessageTimeToLive", "deadLetteringOnMessageExpiration", "requiresSession",
        ];

        List<string> declared =
        [
            .. Of("Microsoft.ServiceBus/namespaces/queues").Select(queue => Declared(queue, queue.Name, queueSettings)),
            .. Of("Microsoft.ServiceBus/namespaces/topics").Select(topic => Declared(topic, topic.Name, topicSettings)),
            .. Of("Microsoft.ServiceBus/namespaces/topics/subscriptions").Select(
                subscription => Declared(subscription, $"{subscription.Id.Split('/')[^3]}/{subscription.Name}", subscriptionSettings)),
        ];
        Assert.Equal(Entities(_topology).Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
        Assert.Equal(
            _topology.AllKeys.Select(key => $"{key.Name} {key.Curve} {string.Join(',', key.Operations)}").Order(StringComparer.Ordinal),
            Of("Microsoft.KeyVault/vaults/keys")
                .Select(key => $"{key.Name} {key.Properties["curveName"]} {string.Join(',', (List<object?>)key.Properties["keyOps"]!)}")
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            _topology.Containers.Select(container => container.Name)
                .Concat(Enumerable.Repeat("app-package", apps))
                .Order(StringComparer.Ordinal),
            Of("Microsoft.Storage/storageAccounts/blobServices/containers")
                .Select(container => container.Name)
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            stage == "prod" ? _topology.Containers.Where(container => container.Immutable).Select(container => container.Name) : [],
            Of(
                "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies")
                .Select(policy => policy.Id.Split('/')[^3]));
    }

    [Fact]
    public void ToEmulatorConfig_CloudLimits_HasTheTopologysEntitiesAndSettings()
    {
        var config = _topology.ToEmulatorConfig(EmulatorLimits.Cloud);
        Assert.Empty(config.Notes);
        Assert.Equal(Entities(_topology), Entities(config.Json));
    }

    [Fact]
    public void ToEmulatorConfig_CloudLimits_StartsTheLocalEmulatorWithTheSame()
    {
        var config = _topology.ToEmulatorConfig(EmulatorLimits.Cloud).Json;
        Assert.True(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(config), out var started, out var error), error);
        Assert.Empty(started.Validate());
        List<string> entities =
        [
            .. started.Queues.Select(queue => Line(
                queue.Name,
                queue.LockDuration,
                queue.MaxDeliveryCount,
                queue.DefaultMessageTimeToLive,
                queue.DeadLetteringOnMessageExpiration,
                queue.RequiresDuplicateDetection,
                queue.RequiresSession)),
            .. started.Topics.Select(topic => Line(
                topic.Name,
                topic.DefaultMessageTimeToLive,
                topic.RequiresDuplicateDetection,
                topic.RequiresDuplicateDetection ? topic.DuplicateDetectionHistoryTimeWindow : null)),
            .. started.Topics.SelectMany(topic => topic.Subscriptions.Select(subscription => Line(
                $"{topic.Name}/{subscription.Name}",
                subscription.LockDuration,
                subscription.MaxDeliveryCount,
                subscription.DefaultMessageTimeToLive,
                subscription.DeadLetteringOnMessageExpiration,
                subscription.RequiresSession))),
        ];
        Assert.Equal(Entities(_topology), entities);
    }

    [Fact]
    public void ToEmulatorConfig_OfficialLimits_DiffersOnlyWhereANoteSaysSo()
    {
        var config = _topology.ToEmulatorConfig(EmulatorLimits.Official);
        var cloud = Entities(_topology.ToEmulatorConfig(EmulatorLimits.Cloud).Json).ToList();
        var official = Entities(config.Json).ToList();
        Assert.Equal(cloud.Count, official.Count);
        var changed = cloud.Zip(official)
            .Where(pair => pair.First != pair.Second)
            .Select(pair => pair.First.Split(' ')[0])
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(config.Notes.Select(note => note.Split(':')[0]).Distinct().Order(StringComparer.Ordinal), changed);
        Assert.Equal(config.Json, _topology.ToEmulatorConfigJson());
    }

    // The emulator's published schema, in our own words.
    [Fact]
    public void ToEmulatorConfig_OfficialLimits_IsWithinTheEmulatorsSchema()
    {
        var root = JsonNode.Parse(_topology.ToEmulatorConfigJson())!["UserConfig"]!;
        Assert.Contains(root["Logging"]!["Type"]!.GetValue<string>(), (string[])["File", "Console", "File,Console"]);
        var namespaces = root["Namespaces"]!.AsArray();
        Assert.Equal("sbemulatorns", Assert.Single(namespaces)!["Name"]!.GetValue<string>());
        var queues = namespaces[0]!["Queues"]!.AsArray();
        var topics = namespaces[0]!["Topics"]!.AsArray();
        Assert.InRange(queues.Count + topics.Count, 1, 50);
        foreach (var properties in queues.Select(queue => queue!["Properties"]!))
        {
            AssertWithin(properties, "LockDuration", "PT5S", "PT5M");
            AssertLocked(properties);
        }

        foreach (var topic in topics)
        {
            AssertWithin(topic!["Properties"]!, "DefaultMessageTimeToLive", "PT5M", "PT1H");
            AssertWithin(topic["Properties"]!, "DuplicateDetectionHistoryTimeWindow", "PT5S", "PT5M");
            Assert.InRange(topic["Subscriptions"]!.AsArray().Count, 1, 50);
            foreach (var properties in topic["Subscriptions"]!.AsArray().Select(subscription => subscription!["Properties"]!))
            {
                AssertWithin(properties, "LockDuration", "PT1M", "PT5M");
                AssertLocked(properties);
            }
        }
    }

    [Theory]
    [InlineData("PT1S", "PT5M")]
    [InlineData("PT5M", "PT5M")]
    [InlineData("PT30M", "PT30M")]
    [InlineData("PT1H", "PT1H")]
    [InlineData("PT1H0M1S", "PT1H")]
    [InlineData("P30D", "PT1H")]
    public void ToEmulatorConfig_TimeToLive_IsClampedWithANote(string timeToLive, string expected)
    {
        var changed = Parse(
            Json().Replace(
                "\"defaultMessageTimeToLive\": \"P30D\"", $"\"defaultMessageTimeToLive\": \"{timeToLive}\"", StringComparison.Ordinal));
        var config = changed.ToEmulatorConfig(EmulatorLimits.Official);
        var queue = JsonNode.Parse(config.Json)!["UserConfig"]!["Namespaces"]![0]!["Queues"]![0]!["Properties"]!;
        Assert.Equal(expected, queue["DefaultMessageTimeToLive"]!.GetValue<string>());
        Assert.Equal(timeToLive != expected, config.Notes.Any(note => note.StartsWith("envelopes:", StringComparison.Ordinal)));
    }

    [Fact]
    public void ToEmulatorConfig_MoreThanTenDeliveries_BecomesTenWithANote()
    {
        var changed = Parse(Json().Replace("\"maxDeliveryCount\": 10", "\"maxDeliveryCount\": 11", StringComparison.Ordinal));
        var config = changed.ToEmulatorConfig(EmulatorLimits.Official);
        Assert.DoesNotContain("\"MaxDeliveryCount\": 11", config.Json, StringComparison.Ordinal);
        Assert.Contains("envelopes: MaxDeliveryCount 11 became 10, the official emulator's most.", config.Notes);
        Assert.Contains("\"MaxDeliveryCount\": 11", changed.ToEmulatorConfig(EmulatorLimits.Cloud).Json, StringComparison.Ordinal);
    }

    [Fact]
    public void ToEmulatorConfig_FiftyOneEntities_IsNoted()
    {
        var many = string.Join(", ", Enumerable.Range(0, 48).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"d{i}\"")));
        var config = Parse(Json().Replace("\"us\", \"iran\"", many, StringComparison.Ordinal)).ToEmulatorConfig(EmulatorLimits.Official);
        Assert.Contains(config.Notes, note => note.StartsWith("51 queues and topics", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void TryParse_Mistake_IsRefusedWithItsName(string find, string replace, string named)
    {
        var json = Json();
        Assert.Contains(find, json, StringComparison.Ordinal);
        Assert.False(
            RelayTopology.TryParse(
                Encoding.UTF8.GetBytes(json.Replace(find, replace, StringComparison.Ordinal)), out var topology, out var error));
        Assert.Null(topology);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_EveryPrefix_IsRefused()
    {
        var json = Encoding.UTF8.GetBytes(Json().TrimEnd());
        for (var length = 0; length < json.Length; length++)
        {
            Assert.False(RelayTopology.TryParse(json.AsSpan(0, length), out _, out var error));
            Assert.NotEmpty(error);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"queues\": null}")]
    public void TryParse_NoTopology_IsRefused(string json) =>
        Assert.False(RelayTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));

    [Fact]
    public void Load_NamesOfArchitecture_AreThere()
    {
        Assert.Equal(["envelopes", "envelopes-urgent"], _topology.Queues.Select(queue => queue.Name));
        Assert.Equal(["signals", "delegation-us", "delegation-iran"], _topology.AllTopics.Select(topic => topic.Name));
        Assert.Equal(["relay-checkpoint", "mediator-qatar", "mediator-oman", "mediator-swiss"], _topology.AllKeys.Select(key => key.Name));
        Assert.Equal(["directory", "ledger", "prekeys", "operators"], _topology.Containers.Select(container => container.Name));
        Assert.Equal(3, _topology.Quorum);
    }

    private static string Json() => System.IO.File.ReadAllText(File);

    private static RelayTopology Parse(string json) =>
        RelayTopology.TryParse(Encoding.UTF8.GetBytes(json), out var topology, out var error)
            ? topology
            : throw new InvalidOperationException(error);

    /// <summary>An entity's path and settings as Bicep and Config.json write them.</summary>
    private static string Line(string path, params object?[] settings) =>
        $"{path} {string.Join(' ', settings.Select(setting => setting switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan duration => XmlConvert.ToString(duration),
        _ => Convert.ToString(setting, CultureInfo.InvariantCulture),
    }))}";

    private static IEnumerable<string> Entities(RelayTopology topology) =>
    [
        .. topology.Queues.Select(queue => Line(
            queue.Name,
            queue.LockDuration,
            queue.MaxDeliveryCount,
            queue.DefaultMessageTimeToLive,
            queue.DeadLetteringOnMessageExpiration,
            queue.RequiresDuplicateDetection,
            queue.RequiresSession)),
        .. topology.AllTopics.Select(
            topic => Line(
                topic.Name, topic.DefaultMessageTimeToLive, topic.RequiresDuplicateDetection, topic.DuplicateDetectionHistoryTimeWindow)),
        .. topology.AllTopics.SelectMany(topic => topic.Subscriptions.Select(subscription => Line(
            $"{topic.Name}/{subscription.Name}",
            subscription.LockDuration,
            subscription.MaxDeliveryCount,
            subscription.DefaultMessageTimeToLive,
            subscription.DeadLetteringOnMessageExpiration,
            subscription.RequiresSession))),
    ];

    /// <summary>The same lines from a Config.json.</summary>
    private static IEnumerable<string> Entities(string config)
    {
        var space = JsonNode.Parse(config)!["UserConfig"]!["Namespaces"]![0]!;
        string Read(string path, JsonNode node, params string[] settings) =>
            $"{path} {string.Join(' ', settings.Select(setting => node["Properties"]![setting]?.ToString() ?? ""))}";
        string[] queueSettings =
        [
            "LockDuration", "MaxDeliveryCount", "DefaultMessageTimeToLive", "DeadLetteringOnMessageExpiration",
            "RequiresDuplicateDetection", "RequiresSession",
        ];
        string[] topicSettings = ["DefaultMessageTimeToLive", "RequiresDuplicateDetection", "DuplicateDetectionHistoryTimeWindow"];
        string[] subscriptionSettings =
        [
            "LockDuration", "MaxDeliveryCount", "DefaultMessageTimeToLive", "DeadLetteringOnMessageExpiration", "RequiresSession",
        ];
        var topics = space["Topics"]!.AsArray();
        return
        [
            .. space["Queues"]!.AsArray().Select(queue => Read($"{queue!["Name"]}", queue, queueSettings)),
            .. topics.Select(topic => Read($"{topic!["Name"]}", topic, topicSettings)),
            .. topics.SelectMany(
                topic => topic!["Subscriptions"]!.AsArray().Select(
                    subscription => Read($"{topic["Name"]}/{subscription!["Name"]}", subscription, subscriptionSettings))),
        ];
    }

    private static void AssertLocked(JsonNode properties)
    {
        AssertWithin(properties, "DefaultMessageTimeToLive", "PT5M", "PT1H");
        Assert.InRange(properties["MaxDeliveryCount"]!.GetValue<int>(), 1, 10);
    }

    private static void AssertWithin(JsonNode properties, string setting, string least, string most)
    {
        if (properties[setting] is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            Assert.InRange(XmlConvert.ToTimeSpan(value.GetValue<string>()), XmlConvert.ToTimeSpan(least), XmlConvert.ToTimeSpan(most));
        }
    }
}
