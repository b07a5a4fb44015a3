using System.Net;
using System.Text;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>Each limit of names and settings at both edges: over REST, and in Config.json where it has the member.</summary>
public sealed class SettingLimitTests
{
    private const string Version = "?api-version=2021-05";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Kind of entity, name, whether it is taken.</summary>
    public static TheoryData<string, string, bool> Names
    {
        get
        {
            var names = new TheoryData<string, string, bool>();
            foreach (var (kind, most) in new[] { ("queue", 260), ("topic", 260), ("subscription", 50), ("rule", 50) })
            {
                string[] taken = ["a", "9", "A.b-c_d", "ends-", "ends_", "ends.", "ti~lde~", new string('n', most)];
                string[] refused = ["-a", "_a", ".a", "~a", "a b", "a*b", "a`1", "a+b", "a@b", "ümlaut", new string('n', most + 1)];
                foreach (var name in taken) names.Add(kind, name, true);
                foreach (var name in refused) names.Add(kind, name, false);
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Name_AtBothEdges_IsJudgedAlikeOverRestAndInConfigJson(string kind, string name, bool isTaken)
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                AdminPort = 0,
                Topology = new() { Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] }] },
            },
            Cancel);
        var escaped = Uri.EscapeDataString(name);
        var (address, description) = kind switch
        {
            "queue" => (escaped, "<QueueDescription/>"),
            "topic" => (escaped, "<TopicDescription/>"),
            "subscription" => ($"t/Subscriptions/{escaped}", "<SubscriptionDescription/>"),
            _ => ($"t/Subscriptions/s/Rules/{escaped}", "<RuleDescription/>"),
        };

        Assert.Equal(isTaken ? HttpStatusCode.Created : HttpStatusCode.BadRequest, await PutAsync(emulator, address, description));
        Assert.Equal(isTaken, Reads(kind switch
        {
            "queue" => $$"""{"Queues":[{"Name":"{{name}}"}]}""",
            "topic" => $$"""{"Topics":[{"Name":"{{name}}"}]}""",
            "subscription" => $$"""{"Topics":[{"Name":"t","Subscriptions":[{"Name":"{{name}}"}]}]}""",
            _ => $$"""{"Topics":[{"Name":"t","Subscriptions":[{"Name":"s","Rules":[{"Name":"{{name}}"}]}]}]}""",
        }));
    }

    [Theory]
    [MemberData(nameof(SettingRow.Cases), MemberType = typeof(SettingRow))]
    public async Task Setting_AtBothEdges_IsTakenAndOneBeyondIsRefused(string member, string taken, string refused, bool isInConfig)
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0 }, Cancel);

        Assert.Equal(HttpStatusCode.Created, await PutAsync(emulator, "q", Description(taken)));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync(emulator, "other", Description(refused)));
        if (!isInConfig) return;
        Assert.True(Reads(Config(taken)));
        Assert.False(Reads(Config(refused)));

        string Description(string value) => $"<QueueDescription><{member}>{value}</{member}></QueueDescription>";

        string Config(string value)
        {
            var json = value[0] == 'P' ? $"\"{value}\"" : value;
            return $$"""{"Queues":[{"Name":"q","Properties":{"{{member}}":{{json}} } }]}""";
        }
    }

    private static bool Reads(string entities)
    {
        var json = """{"UserConfig":{"Namespaces":[{"Name":"n",""" + entities[1..] + "]}}";
        return NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(json), out _, out _);
    }

    private static async Task<HttpStatusCode> PutAsync(ServiceBusEmulator emulator, string address, string description)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{emulator.AdminPort}/") };
        using var content = new StringContent($"<entry><content>{description}</content></entry>");
        using var response = await http.PutAsync(address + Version, content, Cancel);
        return response.StatusCode;
    }
}
