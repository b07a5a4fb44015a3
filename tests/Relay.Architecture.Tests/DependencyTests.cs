using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Relay.Architecture.Tests;

/// <summary>Who may reference whom. An arrow that is not in the table fails; the table is the place to argue for a new one.</summary>
public sealed class DependencyTests
{
    // From each assembly to the ones of this repository (stand-ins included) that its own code may name.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Relay.Protocol"] = [],
        ["Relay.Core"] = ["Relay.Protocol"],
        ["Relay.Azure"] = ["Relay.Protocol", "Relay.Core", "Azure.Messaging.ServiceBus", "Azure.Security.KeyVault.Keys", "Azure.Storage.Blobs"],
        ["Relay.Functions"] = ["Relay.Protocol", "Relay.Core", "Relay.Azure", "Azure.Messaging.ServiceBus", .. Worker],
        ["Relay.Client"] = ["Relay.Protocol", "Azure.Messaging.ServiceBus", "Azure.Security.KeyVault.Keys"],
        ["Relay.Amqp"] = [],
        ["Relay.Emulator.ServiceBus"] = ["Relay.Amqp"],
        ["Relay.Emulator.KeyVault"] = [],
        ["Relay.Emulator.Functions"] = ["Azure.Messaging.ServiceBus", .. Worker],
        ["Relay.Local"] =
        [
            "Relay.Protocol", "Relay.Core", "Relay.Azure", "Relay.Functions", "Relay.Emulator.ServiceBus", "Relay.Emulator.KeyVault", "Relay.Emulator.Functions",
            "Azure.Messaging.ServiceBus", "Azure.Security.KeyVault.Keys", "Azure.Storage.Blobs", .. Worker,
        ],
        ["relay"] =
        [
            "Relay.Protocol", "Relay.Core", "Relay.Azure", "Relay.Client", "Relay.Local", "Relay.Emulator.ServiceBus", "Relay.Amqp",
            "Azure.Messaging.ServiceBus", "Azure.Security.KeyVault.Keys", "Azure.Storage.Blobs",
        ],
        ["Azure.Messaging.ServiceBus"] = ["Relay.Amqp"],
        ["Azure.Security.KeyVault.Keys"] = [],
        ["Azure.Storage.Blobs"] = [],
        ["Microsoft.Azure.Functions.Worker"] = [],
        ["Microsoft.Azure.Functions.Worker.Sdk"] = [],
        ["Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore"] = ["Microsoft.Azure.Functions.Worker"],
        ["Microsoft.Azure.Functions.Worker.Extensions.ServiceBus"] = ["Microsoft.Azure.Functions.Worker", "Azure.Messaging.ServiceBus"],
        ["Microsoft.Azure.Functions.Worker.Extensions.Timer"] = ["Microsoft.Azure.Functions.Worker"],
    };

    private static string[] Worker =>
    [
        "Microsoft.Azure.Functions.Worker", "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
        "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus", "Microsoft.Azure.Functions.Worker.Extensions.Timer",
    ];

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void References_OfEachAssembly_AreInTheTable(string assembly)
    {
        var unexpected = ReferencesOf(assembly).Where(Allowed.ContainsKey).Except(Allowed[assembly]).ToArray();
        Assert.True(unexpected.Length == 0, $"{assembly} has a new arrow to {string.Join(", ", unexpected)}: see the table in {nameof(DependencyTests)}.");
    }

    [Fact]
    public void Table_HasARowForEveryProjectUnderSrc()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Select(name => name == "Relay.Cli" ? "relay" : name);
        Assert.Equal(projects.Order(StringComparer.Ordinal), Allowed.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Core_NamesNoAzureType() =>
        Assert.DoesNotContain(ReferencesOf("Relay.Core"), name => name.StartsWith("Azure.", StringComparison.Ordinal));

    [Fact]
    public void Protocol_UsesTheBaseClassLibraryOnly() =>
        Assert.DoesNotContain(ReferencesOf("Relay.Protocol"), name => !name.StartsWith("System", StringComparison.Ordinal));

    private static List<string> ReferencesOf(string assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
        using var image = new PEReader(File.OpenRead(path));
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
