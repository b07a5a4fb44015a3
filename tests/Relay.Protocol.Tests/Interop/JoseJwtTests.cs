using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Jose;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using JweRecipient = Jose.JweRecipient;
using JwsAlgorithm = Jose.JwsAlgorithm;
using Plaintext = Relay.Protocol.Sealing.Plaintext;

namespace Relay.Protocol.Tests.Interop;

/// <summary>jose-jwt from NuGet, a second JOSE implementation that nobody here wrote, on the other side of the format.</summary>
public sealed class JoseJwtTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Theory]
    [InlineData("ECDH-ES", "iran")]
    [InlineData("ECDH-ES+A256KW", "iran")]
    [InlineData("ECDH-ES+A256KW", "iran", "oman")]
    public async Task JoseJwt_MakesContents_WeOpen(string algorithm, params string[] audience)
    {
        using var iran = _samples.Iran.CreateECDiffieHellman();
        using var oman = _samples.Oman.CreateECDiffieHellman();
        var draft = Draft(audience);
        using var signer = new LocalSigner(_samples.Identity);
        var jws = await StatementJws.SignAsync(draft, signer, TestContext.Current.CancellationToken);
        var opening = new byte[Commitment.OpeningSize];
        var made = JWE.EncryptBytes(
            Plaintext.Write(opening, jws, draft.Body.Span),
            audience.Select(name => new JweRecipient(algorithm, name == "iran" ? iran : oman, Kid(name))),
            JweEncryption.A256GCM,
            Samples.Ascii(Samples.FirstId.ToString()),
            SerializationMode.Json,
            extraProtectedHeaders: new Dictionary<string, object>
            {
                ["com"] = Commitment.Of(Samples.FirstId, opening, jws, draft.Body.Span).ToString(),
            });
        var content = JsonNode.Parse(made)!.AsObject();
        // RFC 7516 section 7.2.1 wants it absent where it is empty.
        if (algorithm == "ECDH-ES") Assert.True(content.Remove("encrypted_key"));
        var envelope = Samples.Sealed(Samples.Utf8(content.ToJsonString()), audience: audience);
        var sender = _samples.SenderKey();
        using var senderKey = sender.Key;
        foreach (var name in audience)
        {
            Assert.True(ContentOpener.TryOpen(envelope, [Key(name)], [sender], out var statement, out _, out var detail), detail);
            Assert.Equal(draft.Body.ToArray(), statement.Body);
        }
    }

    [Theory]
    [InlineData("iran")]
    [InlineData("iran", "oman")]
    public async Task WeMakeContents_JoseJwt_Opens(params string[] audience)
    {
        var draft = Draft(audience);
        var content = JsonNode.Parse(await _samples.SealAsync(draft, [.. audience.Select(name => Key(name).Public)]))!;
        // It takes direct agreement only with a member that RFC 7516 section 7.2.1 wants absent.
        if (audience.Length == 1) content["recipients"]![0]!["encrypted_key"] = "";
        foreach (var name in audience)
        {
            using var key = Key(name).CreateECDiffieHellman();
            var opened = JWE.Decrypt(content.ToJsonString(), key);
            Assert.Equal(Samples.FirstId.ToString(), Samples.Text(opened.Aad));
            Assert.True(Plaintext.TryRead(opened.PlaintextBytes, out var read));
            Assert.Equal(draft.Body.ToArray(), read.Body.ToArray());
        }
    }

    [Theory]
    [InlineData(JwsAlgorithm.ES256)]
    [InlineData(JwsAlgorithm.ES384)]
    [InlineData(JwsAlgorithm.ES512)]
    [InlineData(JwsAlgorithm.PS256)]
    [InlineData(JwsAlgorithm.PS384)]
    [InlineData(JwsAlgorithm.PS512)]
    public void JoseJwt_SignsHeads_WeVerify(JwsAlgorithm algorithm)
    {
        using var ec = Curve(algorithm);
        using var rsa = RSA.Create(2048);
        var envelope = SealedEnvelope.Create(Samples.Draft());
        var parts = JWT.EncodeBytes(
            envelope.Head.Bytes.ToArray(),
            ec ?? (object)rsa,
            algorithm,
            new Dictionary<string, object> { ["kid"] = Samples.KeyId("qatar"), ["typ"] = "relay-envelope" }).Split('.');
        var wire = new JsonObject
        {
            ["payload"] = parts[1],
            ["signatures"] = new JsonArray(new JsonObject { ["protected"] = parts[0], ["signature"] = parts[2] }),
            ["content"] = StrictBase64Url.Encode(envelope.Content.Span),
        };
        var bytes = Samples.Utf8(wire.ToJsonString());
        Assert.True(Envelope.TryParse(bytes, EnvelopeLimits.Default, out var read, out _, out var detail), detail);
        VerificationKey? key;
        string error;
        Assert.True(
            ec is null
                ? VerificationKey.TryCreate(rsa.ExportParameters(false), out key, out error)
                : VerificationKey.TryCreate(ec.ExportParameters(false), out key, out error),
            error);
        using (key) Assert.Equal(SignatureFault.None, read.Signatures[0].Verify(key!));
    }

    [Theory]
    [InlineData(JwkKind.P256)]
    [InlineData(JwkKind.P384)]
    [InlineData(JwkKind.P521)]
    public async Task WeSignHeads_JoseJwt_Verifies(JwkKind kind)
    {
        using var mediator = PrivateJwk.Generate(kind, Samples.KeyId("qatar"));
        using var signer = new LocalSigner(mediator);
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft()));
        await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        var wire = JsonNode.Parse(builder.ToWire())!;
        var signature = wire["signatures"]![0]!;
        using var key = ECDsa.Create(mediator.Public.ToECParameters());
        var payload = JWT.DecodeBytes($"{signature["protected"]}.{wire["payload"]}.{signature["signature"]}", key);
        Assert.Equal(StrictBase64Url.Decode((string)wire["payload"]!), payload);
    }

    private static ECDsa? Curve(JwsAlgorithm algorithm) => algorithm switch
    {
        JwsAlgorithm.ES256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        JwsAlgorithm.ES384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        JwsAlgorithm.ES512 => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => null,
    };

    private static StatementDraft Draft(string[] audience) => new()
    {
        Id = Samples.FirstId,
        Audience = audience,
        ContentType = "text/plain",
        Body = "said by us, naïvely"u8.ToArray(),
    };

    private Dictionary<string, object> Kid(string name) => new() { ["kid"] = Key(name).KeyId };

    private PrivateJwk Key(string name) => name == "iran" ? _samples.Iran : _samples.Oman;
}
