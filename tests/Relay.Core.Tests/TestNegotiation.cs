using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Core.Tests;

/// <summary>
/// A negotiation with real keys: delegations us, iran and oslo (which us may not address), mediators of weights 2, 1, 1, quorum 3.
/// </summary>
internal sealed class TestNegotiation
{
    public const string Name = "doha-2026";
    public const string Vault = "https://kv.vault.azure.net/";

    private readonly Dictionary<string, LocalSigner> _signers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PrivateJwk> _keys = new(StringComparer.Ordinal);

    public TestNegotiation(DateTimeOffset now)
    {
        Now = now;
        foreach (var mediator in new[] { "qatar", "oman", "swiss", "stranger" })
        {
            _signers[mediator] = NewSigner(mediator);
        }
    }

    public DateTimeOffset Now { get; }

    public LocalSigner this[string mediator] => _signers[mediator];

    /// <summary>The full key id of a mediator's only version.</summary>
    public static string KeyId(string mediator) => $"{Vault}keys/mediator-{mediator}/{Version(mediator)}";

    public static string Version(string mediator) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(mediator.PadRight(16)));

    public static byte[] Document(string mode = "open", string negotiation = Name, string usTopic = "delegation-us") =>
        Encoding.UTF8.GetBytes(
        $$"""
        { "negotiation": "{{negotiation}}",
          "delegations": { "us": { "topic": "{{usTopic}}" }, "iran": { "topic": "delegation-iran" }, "oslo": { "topic": "delegation-oslo" } },
          "mediators": { "qatar": { "key": "{{Vault}}keys/mediator-qatar", "weight": 2 },
                         "oman":  { "key": "{{Vault}}keys/mediator-oman",  "weight": 1 },
                         "swiss": { "key": "{{Vault}}keys/mediator-swiss", "weight": 1 } },
          "quorum": 3,
          "routes": [ { "from": "us", "to": ["iran"] }, { "from": "iran", "to": ["us", "oslo"] } ],
          "mode": "{{mode}}", "version": 7 }
        """);

    public static NegotiationDocument ParsedDocument(string mode = "open")
    {
        Assert.True(NegotiationDocument.TryParse(Document(mode), out var document, out var errors), string.Join("; ", errors));
        return document;
    }

    public VerificationKey VerificationKeyOf(string mediator)
    {
        Assert.True(VerificationKey.TryCreate(_keys[mediator].Public, out var key, out var error), error);
        return key;
    }

    public EnvelopeDraft Draft(string sender = "us", string negotiation = Name, Lane lane = Lane.Normal, params string[] audience) => new()
    {
        Id = new EnvelopeId(negotiation, sender, lane, 1),
        Audience = audience.Length == 0 ? ["iran"] : audience,
        IssuedAt = Now - TimeSpan.FromSeconds(10),
        ExpiresAt = Now + TimeSpan.FromHours(1),
        Content = """{"ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"""u8.ToArray(),
    };

    public Task<byte[]> SignAsync(params string[] mediators) => SignAsync(Draft(), mediators);

    public async Task<byte[]> SignAsync(EnvelopeDraft draft, params string[] mediators)
    {
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(draft));
        foreach (var mediator in mediators)
        {
            await builder.SignAsync(_signers[mediator], TestContext.Current.CancellationToken);
        }

        return builder.ToWire();
    }

    public async Task<Envelope> ParseAsync(EnvelopeDraft draft, params string[] mediators)
    {
        Assert.True(
            Envelope.TryParse(await SignAsync(draft, mediators), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    /// <summary>An envelope that one mediator's key signed under several names.</summary>
    public async Task<Envelope> ParseSignedByAsync(EnvelopeDraft draft, string keyOf, IEnumerable<string> names)
    {
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(draft));
        foreach (var name in names)
        {
            using var signer = new LocalSigner(_keys[keyOf], KeyId(name));
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }

        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    /// <summary>The wire form taken apart, changed, and put together again.</summary>
    public static byte[] Change(byte[] wire, Action<JsonNode> change)
    {
        var node = JsonNode.Parse(wire)!;
        change(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    /// <summary>Replaces the protected header of the first signature.</summary>
    public static byte[] WithHeader(byte[] wire, string header) => Change(wire, node =>
        node["signatures"]![0]!["protected"] = StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header)));

    private LocalSigner NewSigner(string mediator)
    {
        var key = PrivateJwk.Generate(JwkKind.P256, KeyId(mediator));
        _keys[mediator] = key;
        return new LocalSigner(key);
    }
}
