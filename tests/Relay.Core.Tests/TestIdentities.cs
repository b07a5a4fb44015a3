using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Core.Tests;

/// <summary>Identity keys of the delegations of <see cref="TestNegotiation"/>, made once, and what they sign.</summary>
internal static class TestIdentities
{
    private static readonly Dictionary<string, LocalSigner> Signers = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, PrivateJwk> Keys = new[] { "us", "iran", "oslo" }
        .ToDictionary(name => name, name => PrivateJwk.Generate(JwkKind.P256, $"{name}#1"), StringComparer.Ordinal);

    static TestIdentities()
    {
        foreach (var (name, key) in Keys) Signers[name] = new LocalSigner(key);
    }

    /// <summary>A delegation's identity key.</summary>
    public static IJwsSigner SignerOf(string delegation) => Signers[delegation];

    /// <summary>The document with the delegations' keys in it.</summary>
    public static byte[] Document(string mode = "open", int version = 7, string negotiation = TestNegotiation.Name)
    {
        var document = JsonNode.Parse(TestNegotiation.Document(mode, negotiation))!;
        document["version"] = version;
        return AddTo(Encoding.UTF8.GetBytes(document.ToJsonString()));
    }

    /// <summary>Another document with the keys of its delegations in it.</summary>
    public static byte[] AddTo(ReadOnlySpan<byte> json)
    {
        var document = JsonNode.Parse(json)!;
        foreach (var (name, delegation) in document["delegations"]!.AsObject())
        {
            delegation!["identityKeys"] = new JsonArray(JsonNode.Parse(Encoding.UTF8.GetString(Keys[name].Public.ToJson())));
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    public static NegotiationDocument ParsedDocument(int version = 7)
    {
        Assert.True(NegotiationDocument.TryParse(Document(version: version), out var document, out var errors), string.Join("; ", errors));
        return document;
    }

    /// <summary>What a delegation says of an envelope; <paramref name="keyOf"/> signs under its name.</summary>
    public static Acknowledgement Say(
        EnvelopeHead head, string delegation, string? reason = null, string? keyOf = null, DateTimeOffset? at = null)
    {
        using var other = keyOf is null ? null : new LocalSigner(Keys[keyOf], $"{delegation}#1");
        var draft = new AcknowledgementDraft
        {
            Id = head.Id,
            Digest = head.Digest,
            Reason = reason,
            IssuedAt = at ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        Acknowledgement? said = null;
        async Task SignAsync() => said = await Acknowledgement.SignAsync(draft, other ?? Signers[delegation], CancellationToken.None);
        Assert.True(SignAsync().IsCompletedSuccessfully, "A local key signs at once.");
        return said!;
    }
}
