using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Client.Files;
using Relay.Local.Topology;
using Relay.Protocol.Negotiations;

namespace Relay.Local;

/// <summary>The folder of negotiation documents that a local stack's function app reads.</summary>
public static class LocalDirectory
{
    // Documents hold key ids with '#': written as they are, so that people can read and edit them.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Where the documents are: <c>{stateFolder}/directory</c>.</summary>
    public static string Folder(string stateFolder) => Path.Combine(stateFolder, "directory");

    /// <summary>Path of one negotiation's document.</summary>
    public static string PathOf(string stateFolder, string negotiation) => Path.Combine(Folder(stateFolder), negotiation + ".json");

    /// <summary>Puts a document in place, whole or not at all.</summary>
    /// <returns>Its path.</returns>
    public static string Put(string stateFolder, string negotiation, ReadOnlySpan<byte> document)
    {
        var path = PathOf(stateFolder, negotiation);
        PrivateFile.CreateFolder(Folder(stateFolder));
        PrivateFile.Write(path, document);
        // A ledger names every document it was ever kept under by its digest, and whoever checks it needs the document.
        var kept = KeptFolder(stateFolder, negotiation);
        PrivateFile.CreateFolder(kept);
        PrivateFile.Write(Path.Combine(kept, Convert.ToHexStringLower(SHA256.HashData(document)) + ".json"), document);
        return path;
    }

    /// <summary>Every document of a negotiation that was put here, the one in force among them; in no order.</summary>
    public static IReadOnlyList<string> Kept(string stateFolder, string negotiation)
    {
        var kept = KeptFolder(stateFolder, negotiation);
        return Directory.Exists(kept) ? Directory.GetFiles(kept, "*.json") : [];
    }

    private static string KeptFolder(string stateFolder, string negotiation) => Path.Combine(stateFolder, "policies", negotiation);

    /// <summary>Puts a copy of a negotiation's document under another name, with only the routes given.</summary>
    /// <param name="routes">From each sender to the delegations it may address.</param>
    public static void PutCopy(string stateFolder, string negotiation, string copy, IEnumerable<(string From, string[] To)> routes)
    {
        var document = JsonNode.Parse(File.ReadAllBytes(PathOf(stateFolder, negotiation)))!.AsObject();
        document["negotiation"] = copy;
        document["routes"] = new JsonArray([.. routes.Select(route => new JsonObject
        {
            ["from"] = route.From,
            ["to"] = new JsonArray([.. route.To.Select(to => JsonValue.Create(to))]),
        })]);
        Put(stateFolder, copy, JsonSerializer.SerializeToUtf8Bytes(document, Format));
    }

    /// <summary>The document of an open negotiation of the topology's mediators between delegations that live here.</summary>
    /// <param name="vault">Where the mediators' keys are.</param>
    public static byte[] Compose(RelayTopology topology, string negotiation, Uri vault, IReadOnlyCollection<LocalDelegation> delegations) =>
        Compose(topology, negotiation, vault, delegations, static _ => []);

    private static byte[] Compose(
        RelayTopology topology,
        string negotiation,
        Uri vault,
        IReadOnlyCollection<LocalDelegation> delegations,
        Func<string, string[]> callersOf)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var document = JsonSerializer.SerializeToUtf8Bytes(Document(topology, negotiation, vault, delegations, callersOf), Format);
        return NegotiationDocument.TryParse(document, out _, out var errors)
            ? document
            : throw new InvalidOperationException($"The document of {negotiation} is not valid: {string.Join(" ", errors)}");
    }

    /// <summary>Writes the seeded negotiation's document unless there is one already.</summary>
    internal static void Seed(LocalStackOptions options, Uri vault, IReadOnlyCollection<LocalDelegation> delegations)
    {
        var path = PathOf(options.StateFolder, options.Negotiation);
        if (!File.Exists(path))
        {
            Put(options.StateFolder, options.Negotiation, Compose(
                options.Topology,
                options.Negotiation,
                vault,
                delegations,
                name => [LocalCertificates.CallerOf(options.StateFolder, name, options.TimeProvider)]));
        }
    }

    private static JsonObject Document(
        RelayTopology topology,
        string negotiation,
        Uri vault,
        IReadOnlyCollection<LocalDelegation> delegations,
        Func<string, string[]> callersOf) =>
        new()
        {
            ["negotiation"] = negotiation,
            ["delegations"] = new JsonObject(delegations.Select(
            delegation => KeyValuePair.Create<string, JsonNode?>(delegation.Name, new JsonObject
            {
                ["topic"] = topology.DelegationTopic.For(delegation.Name).Name,
                ["identityKeys"] = new JsonArray(JsonNode.Parse(delegation.Identity.Public.ToJson())),
                ["encryptionKeys"] = new JsonArray(JsonNode.Parse(delegation.Encryption.Public.ToJson())),
                ["callers"] = new JsonArray([.. callersOf(delegation.Name).Select(caller => JsonValue.Create(caller))]),
            }))),
            ["mediators"] = new JsonObject(topology.Mediators.Select(
            mediator => KeyValuePair.Create<string, JsonNode?>(mediator.Name, new JsonObject
            {
                ["key"] = new Uri(vault, $"keys/{topology.MediatorKey.For(mediator).Name}").AbsoluteUri,
                ["weight"] = mediator.Weight,
            }))),
            ["quorum"] = topology.Quorum,
            ["mode"] = "open",
            ["version"] = 1,
        };
}
