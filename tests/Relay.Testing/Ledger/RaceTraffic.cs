using System.Text;
using Relay.Core.Admission;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Testing.Ledger;

/// <summary>
/// Admitted envelopes of two senders, chained. Their mediators' signatures
/// are none: who admits them has been told so. Not for concurrent use.
/// </summary>
internal sealed class RaceTraffic
{
    public const string Negotiation = "doha-2026";

    private static readonly NegotiationDocument Document = Parse();
    private static readonly string Header = StrictBase64Url.Encode("""{"alg":"ES256","kid":"https://kv.vault.azure.net/keys/mediator-qatar/0123456789abcdef0123456789abcdef","typ":"relay-envelope"}"""u8);

    private readonly long[] _sequences = new long[2];
    private readonly Digest[] _last = new Digest[2];
    private int _made;

    /// <summary>Envelopes that are to be logged.</summary>
    public long Count => _sequences[0] + _sequences[1];

    /// <summary>The next of a sender, 0 or 1.</summary>
    public AdmittedEnvelope Next(int sender)
    {
        _sequences[sender]++;
        var envelope = Make(sender);
        _last[sender] = envelope.Envelope.Digest;
        return envelope;
    }

    /// <summary>The next of a sender and one that contradicts it; <see cref="Follow"/> tells which of them counts.</summary>
    public (AdmittedEnvelope One, AdmittedEnvelope Other) Twins(int sender)
    {
        _sequences[sender]++;
        return (Make(sender), Make(sender));
    }

    public void Follow(int sender, AdmittedEnvelope envelope) => _last[sender] = envelope.Envelope.Digest;

    private static NegotiationDocument Parse()
    {
        var json = """
            { "negotiation": "doha-2026", "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" } },
              "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 1 } }, "quorum": 1, "mode": "open", "version": 1 }
            """;
        Assert.True(
            NegotiationDocument.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var errors), string.Join("; ", errors));
        return document;
    }

    private AdmittedEnvelope Make(int sender)
    {
        var now = TimeProvider.System.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(Negotiation, sender == 0 ? "us" : "iran", Lane.Normal, _sequences[sender]),
            Audience = [sender == 0 ? "iran" : "us"],
            Previous = _sequences[sender] == 1 ? null : _last[sender],
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(1),
            Content = Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{++_made}}"}"""),
        });
        var wire = Encoding.UTF8.GetBytes($$"""{"payload":"{{StrictBase64Url.Encode(made.Head.Bytes.Span)}}","signatures":[{"protected":"{{Header}}","signature":"AAAA"}],"content":"{{StrictBase64Url.Encode(made.Content.Span)}}"}""");
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return new AdmittedEnvelope(
            envelope, Document, Document.Quorum.Evaluate(new SignatureFinding("q", "qatar", SignatureOutcome.Valid)));
    }
}
