using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests;

/// <summary>
/// A negotiation of us, iran and oman with two mediators (qatar 2, swiss 1, quorum 3), its keys, and a clock that stands at 2026-01-01.
/// </summary>
internal sealed class Samples : IDisposable
{
    public const string Version = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    private readonly Dictionary<string, PrivateJwk> _keys = [];
    private readonly Dictionary<string, VerificationKey> _mediatorKeys = new(StringComparer.Ordinal);

    public Samples()
    {
        foreach (var name in new[]
        {
            "us#1",
            "iran#1",
            "us#enc-1",
            "iran#enc-1",
            "oman#enc-1",
            KeyId("qatar"),
            KeyId("swiss"),
            KeyId("stranger"),
        })
        {
            // Oman has asked for content that a quantum computer does not open.
            _keys[name] = name == "oman#enc-1" ? HybridKeyPair.Generate(name) : PrivateJwk.Generate(JwkKind.P256, name);
        }
        foreach (var name in new[] { "qatar", "swiss", "stranger" })
        {
            Assert.True(VerificationKey.TryCreate(_keys[KeyId(name)].Public, out var key, out var error), error);
            _mediatorKeys[KeyId(name)] = key;
        }
        Document = Parse();
    }

    public ManualTimeProvider Time { get; } = new();

    public NegotiationDocument Document { get; }

    public IMediatorKeys MediatorKeys => new PinnedMediatorKeys(_mediatorKeys);

    /// <summary>A mediator's public key; null when it is nobody's.</summary>
    public VerificationKey? FindMediator(string keyId) => _mediatorKeys.GetValueOrDefault(keyId);

    public PrivateJwk this[string keyId] => _keys[keyId];

    public static string KeyId(string mediator) => $"https://kv.vault.azure.net/keys/mediator-{mediator}/{Version}";

    public Sealer Sealer(string sender = "us", LedgerView? view = null) =>
        new(Document, sender, new LocalSigner(_keys[$"{sender}#1"]), view, Time);

    public EntryJudge Judge() => new([Document], MediatorKeys);

    public EnvelopeInspector Inspector(IMediatorKeys? keys = null, string delegation = "iran") =>
        new(Document, delegation, [_keys[$"{delegation}#enc-1"]], keys ?? MediatorKeys, new StreamTracker(), null, Time);

    public static OutgoingStatement Say(string body, params string[] audience) =>
        new() { Audience = audience.Length == 0 ? ["iran"] : audience, Body = Utf8(body) };

    /// <summary>The same envelope, but for other addressees.</summary>
    public static SealedEnvelope For(Envelope made, string audience) => SealedEnvelope.Create(new EnvelopeDraft
    {
        Id = made.Id,
        Audience = [audience],
        IssuedAt = made.Head.IssuedAt,
        ExpiresAt = made.Head.ExpiresAt,
        Content = made.Sealed.Content,
    });

    public async Task<Envelope> SignAsync(SealedEnvelope made, params string[] mediators)
    {
        var builder = new EnvelopeBuilder(made);
        foreach (var mediator in mediators.Length == 0 ? ["qatar", "swiss"] : mediators)
        {
            using var signer = new LocalSigner(_keys[KeyId(mediator)]);
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    public async Task<Envelope> EnvelopeAsync(
        string body = "hello", StreamPosition position = default, string[]? audience = null, string[]? mediators = null) =>
        await SignAsync(
            await Sealer().SealAsync(Say(body, audience ?? []), position, TestContext.Current.CancellationToken), mediators ?? []);

    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
        foreach (var key in _mediatorKeys.Values) key.Dispose();
    }

    private NegotiationDocument Parse()
    {
        string Jwk(string id) => System.Text.Encoding.UTF8.GetString(_keys[id].Public.ToJson());
        var json = $$"""
            { "negotiation": "doha-2026",
              "delegations": {
                "us":   { "topic": "delegation-us",   "identityKeys": [{{Jwk("us#1")}}],   "encryptionKeys": [{{Jwk("us#enc-1")}}] },
                "iran": { "topic": "delegation-iran", "identityKeys": [{{Jwk("iran#1")}}], "encryptionKeys": [{{Jwk("iran#enc-1")}}] },
                "oman": { "topic": "delegation-oman", "encryptionKeys": [{{Jwk("oman#enc-1")}}] },
                "mute": { "topic": "delegation-mute" } },
              "mediators": {
                "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 2 },
                "swiss": { "key": "https://kv.vault.azure.net/keys/mediator-swiss", "weight": 1 } },
              "quorum": 3, "version": 1,
              "routes": [ { "from": "us", "to": ["iran", "oman", "mute"] } ] }
            """;
        Assert.True(NegotiationDocument.TryParse(Utf8(json), out var document, out var errors), string.Join('\n', errors));
        return document;
    }
}
