using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Infra.Tests.Bicep;
using Relay.Local.Topology;

namespace Relay.Infra.Tests;

/// <summary>The deployment sets what the app reads, and nothing that nobody reads.</summary>
public sealed partial class SettingsTests(InfraFixture infra)
{
    /// <summary>Read by the Functions host, not by our code.</summary>
    private static readonly string[] HostSettings =
    [
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
    ];

    /// <summary>By the last part of their names, in any section: what no cloud deployment may set, with the reason.</summary>
    private static readonly Dictionary<string, string> Local = new()
    {
        ["Folder"] = "on this machine",
        ["ConnectionString"] = "a key, which namespace and account refuse",
        ["Container"] = "goes with the connection string",
        ["CertificateThumbprint"] = "pins a local vault; in the cloud the certificate chain is checked",
    };

    /// <summary>Without a default because their absence is the default; set with the parameter appSettings by whoever wants them.</summary>
    private static readonly Dictionary<string, string> Optional = new()
    {
        ["Relay:Callers:Authority"] = "no tokens are taken without it",
        ["Relay:Callers:Audience"] = "goes with the authority",
        ["Relay:Callers:Issuer"] = "goes with the authority",
        ["Relay:Operators:Certificates"] = "no certificate is an operator's without it; set with the parameter operatorCertificates",
    };

    // Flex Consumption refuses or ignores these; they are in functionAppConfig.
    private static readonly string[] Refused =
    [
        "FUNCTIONS_WORKER_RUNTIME",
        "FUNCTIONS_EXTENSION_VERSION",
        "WEBSITE_RUN_FROM_PACKAGE",
        "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_CONTENTSHARE",
        "AzureWebJobsStorage",
    ];

    [Fact]
    public async Task Settings_OfBothApps_AreWhatTheCodeReads()
    {
        var read = ReadByTheCode();
        foreach (var settings in await DeployedAsync())
        {
            var ours = settings.Keys.Except(HostSettings)
                .Select(name => Item().Replace(name.Replace("__", ":", StringComparison.Ordinal), ""))
                .ToHashSet(StringComparer.OrdinalIgnoreCase);
            Assert.Equal([], ours.Where(name => !read.ContainsKey(name)));
            // Whatever has a default in the code can be set with the parameter
            // appSettings; whatever has none must be set by the deployment.
            Assert.Equal(
                [],
                read.Where(
                    setting => !setting.Value && !IsLocal(setting.Key) && !Optional.ContainsKey(setting.Key) && !ours.Contains(setting.Key))
                    .Select(setting => setting.Key));
            Assert.Equal([], ours.Where(IsLocal));
            Assert.Empty(Refused.Intersect(settings.Keys, StringComparer.OrdinalIgnoreCase));
            Assert.Empty(HostSettings.Except(settings.Keys));
        }

        Assert.Equal([], Optional.Keys.Where(name => !read.ContainsKey(name)));
        Assert.Equal([], Local.Keys.Where(last => !read.Keys.Any(name => name.EndsWith($":{last}", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Relay__Envelope__MaxByte", false)]
    [InlineData("Relay__Directory__MaxAge", true)]
    public async Task Settings_OfTheParameterAppSettings_HaveToBeReadByTheCode(string name, bool isRead)
    {
        var files = await infra.FilesAsync(TestContext.Current.CancellationToken);
        var program = new BicepProgram(files, infra.Texts);
        program.Run("main.bicep", new Dictionary<string, object?>
        {
            ["environmentName"] = "test",
            ["location"] = "westeurope",
            ["appSettings"] = new Dictionary<string, object?> { [name] = "1", ["ServiceBus__credential"] = "key" },
        });
        Assert.Empty(program.Mistakes);
        var settings = program.Resources.Single(resource => resource.Is("Microsoft.Web/sites/config")).Properties;
        Assert.Equal("1", settings[name]);
        Assert.Equal("managedidentity", settings["ServiceBus__credential"]);
        Assert.Equal(isRead, ReadByTheCode().ContainsKey(name.Replace("__", ":", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Settings_OperatorCertificates_AreTheListThatBothAppsRead()
    {
        var program = new BicepProgram(await infra.FilesAsync(TestContext.Current.CancellationToken), infra.Texts);
        program.Run("main.bicep", new Dictionary<string, object?>
        {
            ["environmentName"] = "test",
            ["location"] = "westeurope",
            ["secondLocation"] = "northeurope",
            ["busTier"] = "Premium",
            ["operatorCertificates"] = new List<object?> { "one", "two" },
        });
        Assert.Empty(program.Mistakes);
        var apps = program.Resources.Where(resource => resource.Is("Microsoft.Web/sites/config")).Select(app => app.Properties).ToList();
        Assert.Equal(2, apps.Count);
        Assert.All(apps, app => Assert.Equal(
            ["one", "two"],
            new[] { "Relay__Operators__Certificates__0", "Relay__Operators__Certificates__1" }.Select(name => app[name])));
        Assert.Contains("Relay:Operators:Certificates", ReadByTheCode().Keys);
    }

    private static bool IsLocal(string name) => Local.ContainsKey(name.Split(':')[^1]);

    [Fact]
    public async Task Settings_ForwardTopics_AreTheDelegations()
    {
        var topology = RelayTopology.Load(Path.Combine(InfraSources.Infra, "topology.json"));
        foreach (var settings in await DeployedAsync())
        {
            var topics = topology.Delegations.Select((_, i) => settings[$"Relay__Directory__Topics__{i}"] as string);
            Assert.Equal(topology.Delegations.Select(topology.DelegationTopic.For).Select(topic => topic.Name), topics);
        }
    }

    [Fact]
    public void HostJson_Telemetry_IsOpenTelemetryAsInTheWorker()
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Path.Combine(InfraSources.Root, "host.json")));
        Assert.Equal("OpenTelemetry", host.RootElement.GetProperty("telemetryMode").GetString());
        // Of the host's own Application Insights client, which this mode leaves out.
        Assert.False(host.RootElement.GetProperty("logging").TryGetProperty("applicationInsights", out _));
    }

    [Fact]
    public async Task AlwaysReady_OfProduction_NamesFunctionsOfTheApp()
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), "prod");
        var functions = DeployedCode().SelectMany(text => FunctionName().Matches(text)).Select(match => match.Groups[1].Value).ToHashSet();
        var groups = program.Resources.Where(resource => resource.Is("Microsoft.Web/sites"))
            .SelectMany(site => Strings(site.Properties["functionAppConfig"], "name"))
            .Where(name => name.StartsWith("function:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(groups);
        Assert.All(groups, group => Assert.Contains(group["function:".Length..], functions));
    }

    [Fact]
    public void Code_NamesOfEntities_AreInTheTopology()
    {
        var topology = RelayTopology.Load(Path.Combine(InfraSources.Infra, "topology.json"));
        HashSet<string> known =
        [
            .. topology.Queues.Select(queue => queue.Name),
            .. topology.AllTopics.Select(topic => topic.Name),
            .. topology.AllTopics.SelectMany(topic => topic.Subscriptions).Select(subscription => subscription.Name),
            .. topology.Containers.Select(container => container.Name),
            .. topology.AllKeys.Select(key => key.Name),
            topology.DelegationTopic.Prefix,
            topology.MediatorKey.Prefix,
        ];
        var named = CodeFiles("Relay.Protocol", "Relay.Core", "Relay.Azure", "Relay.Functions", "Relay.Client", "Relay.Local", "Relay.Cli")
            .SelectMany(text => EntityName().Matches(text))
            .Select(match => match.Groups["name"].Value)
            .ToHashSet();
        Assert.Contains("envelopes", named);
        Assert.Equal([], named.Where(name => !known.Contains(name)));
    }

    [Theory]
    [InlineData("var sender = client.CreateSender(\"envelope\");", "envelope")]
    [InlineData("[ServiceBusTrigger(\"envelopes-late\", Connection = \"ServiceBus\")]", "envelopes-late")]
    [InlineData("public const string SignalsTopic = \"signal\";", "signal")]
    [InlineData("service.GetBlobContainerClient(\"ledgers\")", "ledgers")]
    [InlineData("const string LedgerContainer = \"ledgers\";", "ledgers")]
    [InlineData("public const string TopicPrefix = \"delegations-\";", "delegations-")]
    [InlineData("public string Container { get; set; } = \"directories\";", "directories")]
    public void EntityName_CodeThatNamesOne_IsRead(string code, string name) =>
        Assert.Equal(name, EntityName().Match(code).Groups["name"].Value);

    private async Task<List<Dictionary<string, object?>>> DeployedAsync()
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), "prod");
        var settings = program.Resources.Where(resource => resource.Is("Microsoft.Web/sites/config"))
            .Select(resource => resource.Properties)
            .ToList();
        Assert.Equal(2, settings.Count);
        return settings;
    }

    /// <summary>
    /// Names, and whether the code has a value of its own: from every options
    /// class of the deployed projects, known by its SectionName, from
    /// indexers on configuration, and from constants named as settings.
    /// </summary>
    private static Dictionary<string, bool> ReadByTheCode()
    {
        var names = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in DeployedCode())
        {
            if (Section().Match(text) is { Success: true } section)
            {
                foreach (Match property in Property().Matches(text))
                {
                    names[$"{section.Groups[1].Value}:{property.Groups["name"].Value}"] = property.Groups["value"].Success;
                }
            }

            foreach (Match setting in SettingConstant().Matches(text))
            {
                names.TryAdd(setting.Groups[1].Value, false);
            }

            foreach (Match member in ConnectionMember().Matches(text))
            {
                names.TryAdd($"ServiceBus:{member.Groups[1].Value}", false);
            }
        }

        Assert.True(names["Relay:Envelope:MaxBytes"]);
        Assert.False(names["Relay:Directory:ContainerUri"]);
        Assert.False(names["ServiceBus:fullyQualifiedNamespace"]);
        Assert.False(names["APPLICATIONINSIGHTS_CONNECTION_STRING"]);
        return names;
    }

    private static IEnumerable<string> DeployedCode() => CodeFiles("Relay.Core", "Relay.Azure", "Relay.Functions");

    private static IEnumerable<string> CodeFiles(params string[] projects) => projects
        .SelectMany(
            project => Directory.EnumerateFiles(Path.Combine(InfraSources.Root, "src", project), "*.cs", SearchOption.AllDirectories))
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(File.ReadAllText);

    private static IEnumerable<string> Strings(object? value, string key) => value switch
    {
        Dictionary<string, object?> map => map.Where(pair => pair.Key == key).Select(pair => pair.Value).OfType<string>().Concat(
            map.Values.SelectMany(inner => Strings(inner, key))),
        List<object?> list => list.SelectMany(inner => Strings(inner, key)),
        _ => [],
    };

    [GeneratedRegex("""SectionName = "([^"]+)";""")]
    private static partial Regex Section();

    // An empty list is no value of its own for what is a list of names.
    [GeneratedRegex(
        """^    public (?:required )?[^({=\n]+ (?<name>\w+) \{ get;(?: (?:set|init);)? \}(?<value> = (?!\[\]).+;)?""",
        RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex("""const string \w+Setting = "([A-Z_]+)";""")]
    private static partial Regex SettingConstant();

    [GeneratedRegex("""\bconnection\["(\w+)"\]""")]
    private static partial Regex ConnectionMember();

    [GeneratedRegex("""\[Function\((?:nameof\()?"?(\w+)""")]
    private static partial Regex FunctionName();

    [GeneratedRegex("""
        (?:ServiceBusTrigger\(|CreateSender\(|CreateReceiver\(|CreateProcessor\(|GetBlobContainerClient\(|Container\ \{\ get;\ set;\ \}\ =\ 
        |const\ string\ (?:\w*(?:Queue|Topic|Subscription|Container)|(?:Topic)?Prefix)\ =\ )"(?<name>[^"]+)"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex EntityName();

    // Topics__0 is an item of the list Topics.
    [GeneratedRegex(""":\d+$""")]
    private static partial Regex Item();
}
