using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Protocol.Tests.Interop;

/// <summary>jose from npm, which nobody here wrote, on the other side of the format.</summary>
public sealed class JoseTests : IDisposable
{
    private const string Script = "Interop/jose.mjs";
    private static readonly string[] Packages = ["jose@6.2.17"];

    private readonly Samples _samples = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-jose-").FullName;

    public void Dispose()
    {
        _samples.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Jose_MakesEnvelopes_WeVerifyAndOpen()
    {
        var input = await WriteInputAsync(Keys());
        var output = Path.Combine(_folder, "made.json");
        (
            await NodeRunner.RunAsync(Packages, Script, ["make", input, output], null, TestContext.Current.CancellationToken))
            .AssertSucceeded();

        var made = JsonNode.Parse(await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken))!.AsArray();
        var sender = _samples.SenderKey();
        using var senderKey = sender.Key;
        Assert.Equal(12, made.Count);
        foreach (var one in made)
        {
            Assert.True(
                Envelope.TryParse(Samples.Utf8((string)one!["wire"]!), EnvelopeLimits.Default, out var envelope, out _, out var detail),
                detail);
            Assert.True(PublicJwk.TryParse(Samples.Utf8(one["jwk"]!.ToJsonString()), out var jwk, out var error), error);
            Assert.Equal((string)one["thumbprint"]!, jwk.Thumbprint().ToString());
            Assert.True(VerificationKey.TryCreate(jwk, out var key, out error), error);
            using (key)
            {
                Assert.Equal((string)one["alg"]!, envelope.Signatures[0].Algorithm.Name());
                Assert.Equal(SignatureFault.None, envelope.Signatures[0].Verify(key));
            }
            foreach (var name in envelope.Head.Audience)
            {
                Assert.True(
                    ContentOpener.TryOpen(
                        envelope.Sealed, [name == "iran" ? _samples.Iran : _samples.Oman], [sender], out var statement, out _, out detail),
                    detail);
                Assert.Equal((string)one["body"]!, Samples.Text(statement.Body));
            }
        }
    }

    [Fact]
    public async Task WeMakeEnvelopes_Jose_VerifiesAndOpens()
    {
        var envelopes = new JsonArray();
        foreach (var kind in new[] { JwkKind.P256, JwkKind.P384, JwkKind.P521 })
        {
            foreach (string[] audience in new string[][] { ["iran"], ["iran", "oman"] })
            {
                envelopes.Add(await MakeAsync(kind, audience));
            }
        }
        var input = Keys();
        input["envelopes"] = envelopes;
        var result = await NodeRunner.RunAsync(
            Packages, Script, ["check", await WriteInputAsync(input)], null, TestContext.Current.CancellationToken);
        Assert.Contains("opened 6", result.AssertSucceeded().Output, StringComparison.Ordinal);
    }

    private async Task<JsonObject> MakeAsync(JwkKind kind, string[] audience)
    {
        const string Body = "said by us, naïvely";
        PublicJwk[] recipients = audience.Length == 1 ? [_samples.Iran.Public] : [_samples.Iran.Public, _samples.Oman.Public];
        var envelope = Samples.Sealed(await _samples.SealAsync(recipients, Body), audience: audience);
        using var mediator = PrivateJwk.Generate(kind, Samples.KeyId("qatar"));
        using var signer = new LocalSigner(mediator);
        var builder = new EnvelopeBuilder(envelope);
        await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        return new JsonObject
        {
            ["wire"] = Samples.Text(builder.ToWire()),
            ["id"] = envelope.Id.ToString(),
            ["aud"] = new JsonArray([.. audience.Select(a => JsonValue.Create(a))]),
            ["body"] = Body,
            ["jwk"] = JsonNode.Parse(mediator.Public.ToJson()),
        };
    }

    private JsonObject Keys() => new()
    {
        ["identity"] = JsonNode.Parse(_samples.Identity.ToJson()),
        ["recipients"] = new JsonObject
        {
            ["iran"] = JsonNode.Parse(_samples.Iran.ToJson()),
            ["oman"] = JsonNode.Parse(_samples.Oman.ToJson()),
        },
    };

    private async Task<string> WriteInputAsync(JsonObject input)
    {
        var path = Path.Combine(_folder, "input.json");
        await File.WriteAllBytesAsync(path, JsonSerializer.SerializeToUtf8Bytes(input), TestContext.Current.CancellationToken);
        return path;
    }
}
