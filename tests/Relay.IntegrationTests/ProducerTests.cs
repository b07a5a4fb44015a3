using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Keys;
using Relay.Client.Delegations;
using Relay.Client.KeyVault;
using Relay.Client.Parties;
using Relay.Client.Storage;
using Relay.Local;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>A producer in another language to the relay, and from it to a delegation's client.</summary>
public sealed class ProducerTests(RelayUnderTest relay) : IClassFixture<RelayUnderTest>
{
    private const string Text = "We accept the third paragraph.";
    private static readonly string[] Packages = ["@azure/keyvault-keys@4.10.2", "@azure/service-bus@7.9.5", "jose@6.2.17"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Envelope_OfTheProducerInJavaScript_IsOpenedByTheClientAndAuditedAsArrived()
    {
        await AssertShortAsync("Node", "producer.mjs");
        using var folder = new TemporaryFolder();
        var document = await SettleAsync(folder, "vienna-2026");

        var result = await NodeRunner.RunAsync(Packages, "Node/producer.mjs", [folder.Path, "1", Text], null, Cancel);

        await AssertArrivesAsync(result, document, folder);
    }

    [Fact]
    public async Task Envelope_OfTheProducerInPython_IsOpenedByTheClientAndAuditedAsArrived()
    {
        await AssertShortAsync("Python", "producer.py");
        using var folder = new TemporaryFolder();
        var document = await SettleAsync(folder, "geneva-2026");

        var result = await PythonRunner.RunAsync(
            "jwcrypto, proton", "python3-jwcrypto and python3-qpid-proton", "Python/producer.py", [folder.Path, "1", Text], null, Cancel);

        await AssertArrivesAsync(result, document, folder);
    }

    private static async Task AssertShortAsync(string folder, string script) =>
        Assert.InRange((await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, folder, script), Cancel)).Length, 1, 59);

    private async Task AssertArrivesAsync(NodeResult result, NegotiationDocument document, TemporaryFolder folder)
    {
        Assert.Equal($"{document.Negotiation}/us/normal/1", result.AssertSucceeded().Output.Trim());

        using var http = LocalCertificates.OpenClient(relay.Stack.Endpoints, relay.Options.StateFolder, "iran", TimeProvider.System);
        var own = relay.Cast.Delegations["iran"];
        using var identity = new LocalSigner(own.Identity);
        var options = new DelegationClientOptions
        {
            Document = document,
            Delegation = "iran",
            Identity = identity,
            DecryptionKeys = [own.Encryption],
            Keys = new KeyVaultMediatorKeys(_ => relay.Vault, TimeSpan.FromMinutes(5), TimeProvider.System),
            RelayName = "relay.local",
            RelayKey = new Uri(relay.Stack.Endpoints.Vault, "keys/relay-checkpoint").AbsoluteUri,
            Store = new FolderDelegationStore(Path.Combine(folder.Path, "iran"), TimeProvider.System),
            Relay = http,
        };
        await using var iran = await DelegationClient.OpenAsync(relay.Bus, options, Cancel);
        await foreach (var message in iran.ReceiveAsync(Cancel))
        {
            Assert.Equal((InboxFault.None, ""), (message.Result.Fault, message.Result.Detail));
            Assert.Equal(Text, Encoding.UTF8.GetString(message.Result.Statement!.Body));
            await message.SettleAsync(Cancel);
            break;
        }

        Assert.True(await iran.DrainAsync(TimeSpan.FromMinutes(2), Cancel), "the acknowledgement was not logged within two minutes");
        var report = await iran.AuditAsync(TimeSpan.FromMinutes(5), Cancel);
        Assert.Empty(report.Findings);
        Assert.Equal((1, 1, 0), (report.Addressed, report.Arrived, report.UnderWay));
    }

    // A negotiation of two with mediators whose private keys are here; the relay learns the public halves from the vault.
    private async Task<NegotiationDocument> SettleAsync(TemporaryFolder folder, string negotiation)
    {
        var mediators = new JsonArray();
        foreach (var name in new[] { "norway", "austria" })
        {
            using var key = PrivateJwk.Generate(JwkKind.P256, name);
            var jwk = JsonNode.Parse(key.ToJson())!;
            var material = new JsonWebKey([KeyOperation.Sign, KeyOperation.Verify])
            {
                KeyType = KeyType.Ec,
                CurveName = KeyCurveName.P256,
                X = Bytes(jwk["x"]!),
                Y = Bytes(jwk["y"]!),
                D = Bytes(jwk["d"]!),
            };
            KeyVaultKey imported = await relay.Vault.ImportKeyAsync($"{negotiation}-{name}", material, Cancel);
            jwk["kid"] = imported.Id.AbsoluteUri;
            mediators.Add(jwk);
        }

        string Key(string name) => new Uri(relay.Stack.Endpoints.Vault, $"keys/{negotiation}-{name}").AbsoluteUri;
        var known = JsonNode.Parse(await File.ReadAllBytesAsync(
            LocalDirectory.PathOf(relay.Options.StateFolder, relay.Options.Negotiation), Cancel))!;
        var document = new JsonObject
        {
            ["negotiation"] = negotiation,
            ["delegations"] = new JsonObject
            {
                ["us"] = known["delegations"]!["us"]!.DeepClone(),
                ["iran"] = known["delegations"]!["iran"]!.DeepClone(),
            },
            ["mediators"] = new JsonObject
            {
                ["norway"] = new JsonObject { ["key"] = Key("norway"), ["weight"] = 1 },
                ["austria"] = new JsonObject { ["key"] = Key("austria"), ["weight"] = 1 },
            },
            ["quorum"] = 2,
            ["mode"] = "open",
            ["version"] = 1,
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document);
        LocalDirectory.Put(relay.Options.StateFolder, negotiation, bytes);
        folder.Write("document.json", Encoding.UTF8.GetString(bytes));
        folder.Write("mediators.json", mediators.ToJsonString());
        folder.Write("identity.jwk", Encoding.UTF8.GetString(relay.Cast.Delegations["us"].Identity.ToJson()));
        folder.Write("bus.txt", relay.Stack.Endpoints.ServiceBus);
        return NegotiationDocument.Parse(bytes);
    }

    private static byte[] Bytes(JsonNode text) => System.Buffers.Text.Base64Url.DecodeFromChars((string)text!);
}
