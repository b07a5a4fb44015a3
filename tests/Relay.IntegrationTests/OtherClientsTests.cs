using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Cli.Demo;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>The whole relay with clients that nobody here wrote: Microsoft's for JavaScript, and jose.</summary>
public sealed class OtherClientsTests(RelayUnderTest relay) : IClassFixture<RelayUnderTest>
{
    private static readonly string[] Packages = ["@azure/keyvault-keys@4.10.2", "@azure/service-bus@7.9.5", "jose@6.2.17"];

    [Fact]
    public async Task Envelope_MadeSentAndReceivedByOthers_GoesThroughTheRelay()
    {
        var settings = await WriteAsync("settings.json", new JsonObject
        {
            ["serviceBus"] = relay.Stack.Endpoints.ServiceBus,
            ["vault"] = relay.Stack.Endpoints.Vault.AbsoluteUri,
            ["directory"] = LocalDirectory.Folder(relay.Options.StateFolder),
        });
        var trust = new Dictionary<string, string> { ["NODE_EXTRA_CA_CERTS"] = relay.Stack.Endpoints.VaultCertificate };
        var result = await NodeRunner.RunAsync(
            Packages, "Node/envelope-by-others.mjs", [settings], trust, TestContext.Current.CancellationToken);
        Assert.Equal("ok", result.AssertSucceeded().Output.Trim());
    }

    [Fact]
    public async Task Envelope_MadeByOurClient_OpensAndVerifiesWithJose()
    {
        const string text = "We take note.";
        var cancellationToken = TestContext.Current.CancellationToken;
        var cast = relay.Cast;
        var stream = new SenderStream(cast.Document.Negotiation, cast.Document, cast.Delegations["us"], Lane.Normal, TimeProvider.System);
        var said = await stream.SayAsync(["iran"], text, cancellationToken);
        var builder = new EnvelopeBuilder(said);
        var mediators = new JsonObject();
        foreach (var (name, signer) in cast.Mediators)
        {
            await builder.SignAsync(signer, cancellationToken);
            var key = (await relay.Vault.GetKeyAsync($"mediator-{name}", cancellationToken: cancellationToken)).Value.Key;
            mediators[signer.KeyId] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Text(key.X), ["y"] = Text(key.Y) };
        }

        var envelope = Path.Combine(relay.Options.StateFolder, "ours.json");
        await File.WriteAllBytesAsync(envelope, builder.ToWire(), cancellationToken);
        var keys = await WriteAsync("keys.json", new JsonObject
        {
            ["mediators"] = mediators,
            ["recipient"] = JsonNode.Parse(cast.Delegations["iran"].Encryption.ToJson()),
            ["sender"] = JsonNode.Parse(cast.Delegations["us"].Identity.Public.ToJson()),
            ["expected"] = new JsonObject { ["id"] = said.Id.ToString(), ["audience"] = new JsonArray("iran"), ["text"] = text },
        });
        var result = await NodeRunner.RunAsync(Packages, "Node/open-ours.mjs", [envelope, keys], null, cancellationToken);
        Assert.Equal("ok", result.AssertSucceeded().Output.Trim());
    }

    private static string Text(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private async Task<string> WriteAsync(string name, JsonObject content)
    {
        var path = Path.Combine(relay.Options.StateFolder, name);
        await File.WriteAllBytesAsync(path, JsonSerializer.SerializeToUtf8Bytes(content), TestContext.Current.CancellationToken);
        return path;
    }
}
