using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Relay.Architecture.Tests;

/// <summary>Who may reference whom. An arrow that is not in the table fails; the table is the place to argue for a new one.</summary>
public sealed class DependencyTests
{
    // From each assembly to the ones of this repository (stand-ins included) and the official packages that its own code may name.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Relay.Protocol"] = [],
        ["Relay.Protocol.Hybrid"] = ["Relay.Protocol", BouncyCastle],
        ["Relay.Core"] = ["Relay.Protocol"],
        ["Relay.Checker"] = ["Relay.Protocol"],
        ["Relay.Risk"] = ["Relay.Protocol"],
        ["Relay.Forecasts"] = ["Relay.Protocol", "Relay.Risk"],
        ["Relay.Azure"] = ["Relay.Protocol", "Relay.Core", ServiceBus, Vault, Blobs],
        ["Relay.DeadLetters"] = ["Relay.Protocol", "Relay.Core", "Relay.Azure", ServiceBus],
        ["Relay.Functions"] =
        [
            "Relay.Protocol", "Relay.Core", "Relay.Azure", "Relay.DeadLetters", "Relay.Risk", ServiceBus, .. Worker, "Microsoft.Azure.Functions.Worker.OpenTelemetry",
        ],
        ["Relay.Client"] = ["Relay.Protocol", "Relay.Protocol.Hybrid", ServiceBus],
        ["Relay.Client.KeyVault"] = ["Relay.Protocol", "Relay.Client", Vault],
        ["Emulator.Amqp"] = [],
        ["Emulator.Hosting"] = [],
        ["Emulator.ServiceBus"] = ["Emulator.Amqp", "Emulator.Hosting"],
        ["Emulator.KeyVault"] = ["Emulator.Hosting"],
        ["Emulator.FunctionsHost"] = ["Emulator.Hosting", ServiceBus],
        ["Relay.Local"] =
        [
            "Relay.Protocol", "Relay.Protocol.Hybrid", "Relay.Core", "Relay.Azure", "Relay.Client", "Emulator.Hosting", "Emulator.ServiceBus", "Emulator.KeyVault",
            "Emulator.FunctionsHost",
            ServiceBus, Vault, Blobs,
        ],
        ["relay"] =
        [
            "Relay.Protocol", "Relay.Protocol.Hybrid", "Relay.Core", "Relay.Checker", "Relay.Azure", "Relay.Client", "Relay.Client.KeyVault", "Relay.Local",
            "Relay.Risk", "Relay.Forecasts", "Relay.DeadLetters", "Emulator.ServiceBus",
            "Emulator.FunctionsHost", ServiceBus, Vault, Blobs,
        ],
        [Vault] = [],
        ["Microsoft.Azure.Functions.Worker.Extensions.ServiceBus"] = ["Microsoft.Azure.Functions.Worker.Core", "Microsoft.Azure.Functions.Worker.Extensions.Abstractions", ServiceBus],
    };

    private const string BouncyCastle = "BouncyCastle.Cryptography";
    private const string ServiceBus = "Azure.Messaging.ServiceBus";
    private const string Vault = "Azure.Security.KeyVault.Keys";
    private const string Blobs = "Azure.Storage.Blobs";

    private static string[] Worker =>
    [
        "Microsoft.Azure.Functions.Worker", "Microsoft.Azure.Functions.Worker.Core", "Microsoft.Azure.Functions.Worker.Grpc",
        "Microsoft.Azure.Functions.Worker.Extensions.Abstractions", "Microsoft.Azure.Functions.Worker.Extensions.Http", "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
        "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus", "Microsoft.Azure.Functions.Worker.Extensions.Timer",
    ];

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void References_OfEachAssembly_AreInTheTable(string assembly)
    {
        var unexpected = ReferencesOf(assembly).Where(IsHeld).Except(Allowed[assembly]).ToArray();
        Assert.True(unexpected.Length == 0, $"{assembly} has a new arrow to {string.Join(", ", unexpected)}: see the table in {nameof(DependencyTests)}.");
    }

    [Fact]
    public void Table_HasARowForEveryProjectUnderSrc()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Select(name => name == "Relay.Cli" ? "relay" : name);
        Assert.Equal(projects.Order(StringComparer.Ordinal), Allowed.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Core_NamesNoAzureType() =>
        Assert.DoesNotContain(ReferencesOf("Relay.Core"), name => name.StartsWith("Azure.", StringComparison.Ordinal));

    [Fact]
    public void FunctionApp_DeploysNoCryptographyForContent()
    {
        var reached = new HashSet<string>();
        var next = new Stack<string>(["Relay.Functions"]);
        while (next.TryPop(out var assembly))
        {
            if (reached.Add(assembly)) ReferencesOf(assembly).Where(Allowed.ContainsKey).ToList().ForEach(next.Push);
            Assert.DoesNotContain(BouncyCastle, ReferencesOf(assembly));
        }
        Assert.Contains("Relay.Protocol", reached);
    }

    [Fact]
    public void Protocol_UsesTheBaseClassLibraryOnly() =>
        Assert.DoesNotContain(ReferencesOf("Relay.Protocol"), name => !name.StartsWith("System", StringComparison.Ordinal));

    // Of the official packages only those that draw a boundary are held: the bus, the vault, the blobs, the worker, and the cryptography
    // that whoever opens no content has no use for.
    private static bool IsHeld(string name) =>
        Allowed.ContainsKey(name) || name is ServiceBus or Blobs or BouncyCastle || name.StartsWith("Microsoft.Azure.Functions.Worker", StringComparison.Ordinal);

    private static List<string> ReferencesOf(string assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        using var image = new PEReader(File.OpenRead(path));
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
