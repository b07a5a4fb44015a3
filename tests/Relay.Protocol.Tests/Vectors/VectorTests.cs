using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>Runs the published vectors the way any other implementation would.</summary>
public sealed class VectorTests
{
    [Fact]
    public void Envelopes_EveryVector_AcceptedOrRefusedAsPublished()
    {
        foreach (var vector in VectorFile.Read("envelopes.json")["vectors"]!.AsArray())
        {
            var name = (string)vector!["name"]!;
            var parsed = Envelope.TryParse(
                Samples.Utf8((string)vector["wire"]!), EnvelopeLimits.Default, out var envelope, out var fault, out var detail);
            var found = parsed ? Verify(envelope!, vector["keys"]!.AsObject()) : fault.ToString();
            var expected = (bool)vector["accept"]! ? "None" : (string)vector["fault"]!;
            Assert.True(expected == found, $"{name}: expected {expected}, got {found} {detail}");
            if (!(bool)vector["accept"]!) continue;
            Assert.Equal((string)vector["id"]!, envelope!.Id.ToString());
            Assert.Equal((string)vector["digest"]!, envelope.Digest.ToString());
        }
    }

    [Fact]
    public void Contents_EveryVector_OpenedOrRefusedAsPublished()
    {
        var file = VectorFile.Read("contents.json");
        Assert.True(PrivateJwk.TryParse(Samples.Utf8(file["recipientKey"]!.ToJsonString()), out var recipient, out var error), error);
        Assert.True(PublicJwk.TryParse(Samples.Utf8(file["identityKey"]!.ToJsonString()), out var jwk, out error), error);
        Assert.True(VerificationKey.TryCreate(jwk, out var key, out error), error);
        using (recipient)
        using (key)
        {
            foreach (var vector in file["vectors"]!.AsArray())
            {
                Assert.True(EnvelopeHead.TryParse(Samples.Utf8((string)vector!["head"]!), out var head, out _, out var detail), detail);
                Assert.True(SealedEnvelope.TryJoin(head, Samples.Utf8((string)vector["content"]!), out var envelope));
                ContentOpener.TryOpen(
                    envelope, [recipient], [new IdentityKey(jwk.KeyId!, key)], out var statement, out var fault, out detail);
                var expected = (bool)vector["accept"]! ? "None" : (string)vector["fault"]!;
                Assert.True(expected == fault.ToString(), $"{(string)vector["name"]!}: expected {expected}, got {fault} {detail}");
                if (statement is null) continue;
                Assert.Equal((string)vector["body"]!, StrictBase64Url.Encode(statement.Body));
                Assert.Equal((string)vector["opening"]!, StrictBase64Url.Encode(statement.Opening));
                Assert.Equal((string)vector["statement"]!, Samples.Text(statement.Jws));
            }
        }
    }

    [Fact]
    public void Quorum_EveryVector_WeighsAsPublished()
    {
        var file = VectorFile.Read("quorum.json");
        foreach (var vector in file["vectors"]!.AsArray())
        {
            var rule = new QuorumRule(vector!["weights"]!.AsObject().ToDictionary(m => m.Key, m => (int)m.Value!), (int)vector["quorum"]!);
            var findings = vector["signatures"]!.AsArray().Select(s =>
                new SignatureFinding(
                    "kid", (string?)s!["mediator"], (bool)s["valid"]! ? SignatureOutcome.Valid : SignatureOutcome.BadSignature)).ToArray();
            var result = rule.Evaluate(findings);
            Assert.Equal(((int)vector["weight"]!, (bool)vector["accept"]!), (result.Weight, result.Reached));
        }
    }

    [Fact]
    public void Files_AllTogether_HoldFortyVectorsHalfOfThemRefused()
    {
        var all = new[] { "envelopes.json", "contents.json", "quorum.json" }
            .SelectMany(f => VectorFile.Read(f)["vectors"]!.AsArray())
            .ToList();
        var refused = all.Count(v => !(bool)v!["accept"]!);
        Assert.True(all.Count >= 40 && refused * 2 >= all.Count, $"{all.Count} vectors, {refused} refused");
        Assert.True(all.Count - refused >= 15, $"only {all.Count - refused} accepted");
    }

    private static string Verify(Envelope envelope, JsonObject keys)
    {
        foreach (var signature in envelope.Signatures)
        {
            if (keys[signature.Key.Text] is not { } json) return "UnknownKey";
            Assert.True(PublicJwk.TryParse(Samples.Utf8(json.ToJsonString()), out var jwk, out var error), error);
            Assert.True(VerificationKey.TryCreate(jwk, out var key, out error), error);
            using (key)
            {
                var fault = signature.Verify(key);
                if (fault != SignatureFault.None) return fault.ToString();
            }
        }
        return "None";
    }
}
