using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Tests.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>
/// Makes the published vectors. With <c>RELAY_WRITE_VECTORS</c> naming this
/// folder it writes them anew with fresh keys, which is for a change of
/// the format; else it only checks that the committed files hold the vectors it would make.
/// </summary>
public sealed class VectorGenerator
{
    private readonly JsonArray _vectors = [];

    [Fact]
    public async Task Write_Now_MakesTheVectorsThatArePublished()
    {
        var published = Environment.GetEnvironmentVariable("RELAY_WRITE_VECTORS");
        var folder = string.IsNullOrEmpty(published) ? Directory.CreateTempSubdirectory("relay-vectors-").FullName : published;
        await WriteEnvelopesAsync(folder);
        await WriteContentsAsync(folder);
        WriteQuorum(folder);
        if (!string.IsNullOrEmpty(published)) return;
        foreach (var file in new[] { "envelopes.json", "contents.json", "quorum.json" })
        {
            var made = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken))!;
            Assert.Equal(Names(VectorFile.Read(file)), Names(made));
        }
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Names(JsonNode file) =>
        [.. file["vectors"]!.AsArray().Select(v => $"{(string?)v!["name"]} {(bool)v["accept"]!} {(string?)v["fault"]}")];

    private async Task WriteEnvelopesAsync(string folder)
    {
        using var p256 = new Signer(JwsAlgorithm.ES256);
        // Those of batches are in files of their own.
        foreach (var algorithm in Enum.GetValues<JwsAlgorithm>().Where(algorithm => algorithm != JwsAlgorithm.MTES256))
        {
            using var signer = new Signer(algorithm);
            await AcceptAsync($"one signature, {algorithm.Name()}", SealedEnvelope.Create(Samples.Draft()), signer);
        }
        using var second = new Signer(JwsAlgorithm.PS256, "oman");
        await AcceptAsync("two mediators", SealedEnvelope.Create(Samples.Draft()), p256, second);
        await AcceptAsync("same mediator twice: both verify, counts once", SealedEnvelope.Create(Samples.Draft()), p256, p256);
        await AcceptAsync("sequence 2 with prev", SealedEnvelope.Create(Samples.Draft(sequence: 2)), p256);
        await AcceptAsync("highest sequence", SealedEnvelope.Create(Samples.Draft(EnvelopeId.MaxSequence)), p256);
        await AcceptAsync(
            "urgent lane", SealedEnvelope.Create(Samples.Draft() with { Id = Samples.FirstId with { Lane = Lane.Urgent } }), p256);
        await AcceptAsync("embargo", SealedEnvelope.Create(Samples.Draft() with { NotBefore = Samples.Issued.AddMinutes(10) }), p256);
        await AcceptAsync(
            "seen checkpoint", SealedEnvelope.Create(Samples.Draft() with { Seen = new SeenCheckpoint(5, Digest.Of([5])) }), p256);
        await AcceptAsync(
            "64 addressees",
            SealedEnvelope.Create(Samples.Draft() with { Audience = [.. Enumerable.Range(0, 64).Select(i => $"d{i}")] }),
            p256);
        await AcceptAsync("30 days", SealedEnvelope.Create(Samples.Draft() with { ExpiresAt = Samples.Issued.AddDays(30) }), p256);

        var good = Samples.Text(await BuildAsync(SealedEnvelope.Create(Samples.Draft()), p256));
        Add("unknown member of the unsigned wrapper", good[..^1] + ",\"note\":{\"x\":[1]}}", p256.Keys, null);
        Add("white space in the wrapper", good.Replace(",\"signatures\"", " ,\n\"signatures\"", StringComparison.Ordinal), p256.Keys, null);
        using var stranger = new Signer(JwsAlgorithm.ES256);
        using var wrongKind = new Signer(JwsAlgorithm.ES384);
        Add("signed by another key", good, stranger.Keys, "Invalid");
        Add("alg does not fit the key", good, wrongKind.Keys, "AlgorithmMismatch");
        Add(
            "head replaced",
            Replace(
                good,
                "payload",
                Samples.Base64Url(Samples.Text(SealedEnvelope.Create(Samples.Draft() with { Audience = ["oman"] }).Head.Bytes.Span))),
            p256.Keys,
            "Invalid");
        Add(
            "content replaced",
            Replace(good, "content", Samples.Base64Url("{\"ciphertext\":\"BBBB\"}")),
            p256.Keys,
            nameof(EnvelopeFault.WrongContent));
        Add("signature of zeros", Replace(good, "signature", StrictBase64Url.Encode(new byte[64])), p256.Keys, "Invalid");
        Add("signature one byte short", Replace(good, "signature", StrictBase64Url.Encode(new byte[63])), p256.Keys, "WrongLength");
        Add("signature in DER", Replace(good, "signature", StrictBase64Url.Encode(new byte[70])), p256.Keys, "WrongLength");
        foreach (var (part, rows) in new[]
        {
            ("wrapper", EnvelopeFaultTests.Wires()),
            ("header", EnvelopeFaultTests.Headers()),
            ("head", EnvelopeFaultTests.Heads()),
        })
        {
            foreach (var row in rows)
            {
                // A lone surrogate or a byte order mark survives only as the text of a wrapper, which is what these rows are.
                var (fault, text, said) = row.Data;
                var wire = part switch
                {
                    "header" => Samples.Wire(Samples.Text(SealedEnvelope.Create(Samples.Draft()).Head.Bytes.Span), text),
                    "head" => Samples.Wire(text),
                    _ => text,
                };
                Add($"{part}: {fault} ({(said.Length == 0 ? "whole" : said)})", wire, [], fault);
            }
        }
        VectorFile.Write(
            folder, "envelopes.json", new JsonObject { ["description"] = "Envelopes as UTF-8 text; keys by kid.", ["vectors"] = _vectors });
    }

    private static async Task WriteContentsAsync(string folder)
    {
        using var samples = new Samples();
        var sender = samples.SenderKey();
        using var senderKey = sender.Key;
        var vectors = new JsonArray();
        void Add(string name, SealedEnvelope envelope, string? body, string? fault)
        {
            var vector = new JsonObject
            {
                ["name"] = name,
                ["head"] = Samples.Text(envelope.Head.Bytes.Span),
                ["content"] = Samples.Text(envelope.Content.Span),
                ["accept"] = fault is null,
            };
            if (body is not null)
            {
                Assert.True(ContentOpener.TryOpen(envelope, [samples.Iran], [sender], out var said, out _, out var detail), detail);
                vector["body"] = Samples.Base64Url(body);
                vector["opening"] = StrictBase64Url.Encode(said.Opening);
                vector["statement"] = Samples.Text(said.Jws);
            }
            if (fault is not null) vector["fault"] = fault;
            vectors.Add((JsonNode)vector);
        }

        var direct = await samples.SealAsync([samples.Iran.Public], "direct agreement");
        var wrapped = await samples.SealAsync([samples.Iran.Public, samples.Oman.Public], "wrapped key");
        Add("one addressee, ECDH-ES", Samples.Sealed(direct), "direct agreement", null);
        Add("two addressees, ECDH-ES+A256KW", Samples.Sealed(wrapped, audience: ["iran", "oman"]), "wrapped key", null);
        Add("empty body", Samples.Sealed(await samples.SealAsync([samples.Iran.Public], "")), "", null);
        Add("flattened form", Samples.Sealed(Flatten(direct)), "direct agreement", null);
        Add(
            "moved to another envelope",
            Samples.Sealed(direct, Samples.FirstId with { Negotiation = "geneva" }),
            null,
            nameof(SealingFault.WrongEnvelope));
        Add(
            "for another recipient",
            Samples.Sealed(await samples.SealAsync([samples.Oman.Public])),
            null,
            nameof(SealingFault.NoMatchingKey));
        Add(
            "audience differs from the statement's",
            Samples.Sealed(direct, audience: ["oman"]),
            null,
            nameof(SealingFault.StatementForOtherAudience));
        foreach (var (member, fault) in new[]
        {
            ("ciphertext", SealingFault.DecryptionFailed),
            ("tag", SealingFault.DecryptionFailed),
            ("iv", SealingFault.DecryptionFailed),
        })
        {
            var node = JsonNode.Parse(direct)!;
            var bytes = StrictBase64Url.Decode((string)node[member]!)!;
            bytes[0] ^= 1;
            node[member] = StrictBase64Url.Encode(bytes);
            Add($"{member} changed", Samples.Sealed(Samples.Utf8(node.ToJsonString())), null, fault.ToString());
        }
        foreach (var (name, old, replacement, fault) in new[]
        {
            ("alg dir", "\"ECDH-ES\"", "\"dir\"", SealingFault.UnsupportedAlgorithm),
            ("enc A128GCM", "A256GCM", "A128GCM", SealingFault.UnsupportedAlgorithm),
            ("zip", "\"enc\"", "\"zip\":\"DEF\",\"enc\"", SealingFault.Malformed),
            ("crit", "\"enc\"", "\"crit\":[\"x\"],\"enc\"", SealingFault.Malformed),
            ("no com", "\"com\"", "\"cox\"", SealingFault.Malformed),
            ("epk on another curve", "P-256", "P-384", SealingFault.BadEphemeralKey),
        })
        {
            var node = JsonNode.Parse(direct)!;
            node["protected"] = Samples.Base64Url(
                Samples.Text(StrictBase64Url.Decode((string)node["protected"]!)).Replace(old, replacement, StringComparison.Ordinal));
            Add($"protected header: {name}", Samples.Sealed(Samples.Utf8(node.ToJsonString())), null, fault.ToString());
        }
        var opening = new byte[Commitment.OpeningSize];
        var padded = Plaintext.Write(opening, new byte[300], new byte[101]);
        padded[^1] = 1;
        foreach (var (name, text, commitment, fault) in new[]
        {
            ("padding not zero", padded, default, SealingFault.BadPadding),
            ("commitment to another text", Plaintext.Write(opening, "x"u8, "y"u8), default, SealingFault.BrokenCommitment),
            (
                "commitment to the same bytes cut elsewhere",
                Plaintext.Write(opening, "x"u8, "y"u8),
                Commitment.Of(Samples.FirstId, opening, "xy"u8, []),
                SealingFault.BrokenCommitment),
            (
                "not a statement",
                Plaintext.Write(opening, "x"u8, []),
                Commitment.Of(Samples.FirstId, opening, "x"u8, []),
                SealingFault.BadStatement),
        })
        {
            var content = ContentSealer.Encrypt(text, Samples.FirstId, commitment, [samples.Iran.Public]);
            Add(name, Samples.Sealed(content), null, fault.ToString());
        }
        VectorFile.Write(folder, "contents.json", new JsonObject
        {
            ["description"] = "Heads and the contents they name, opened with recipientKey; statements by identityKey.",
            ["recipientKey"] = JsonNode.Parse(samples.Iran.ToJson()),
            ["identityKey"] = JsonNode.Parse(samples.Identity.Public.ToJson()),
            ["vectors"] = vectors,
        });
    }

    private static void WriteQuorum(string folder)
    {
        var vectors = new JsonArray();
        foreach (var (quorum, signatures, weight) in new[]
        {
            (3, "qatar+ oman+", 3), (3, "qatar+ oman+ swiss+", 4), (4, "swiss+ qatar+ oman+", 4), (1, "oman+", 1), (2, "qatar+ oman-", 2),
            (3, "qatar+", 2),
            (3, "qatar+ qatar+", 2),
            (3, "oman+ swiss+", 2),
            (3, "qatar- oman+ swiss+", 2),
            (3, "qatar+ oman-", 2),
            (3, "", 0),
            (3, "qatar+ france+", 2),
        })
        {
            var list = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(s => (JsonNode)new JsonObject { ["mediator"] = s[..^1], ["valid"] = s[^1] == '+' }).ToArray();
            vectors.Add((JsonNode)new JsonObject
            {
                ["weights"] = new JsonObject { ["qatar"] = 2, ["oman"] = 1, ["swiss"] = 1 },
                ["quorum"] = quorum,
                ["signatures"] = new JsonArray(list),
                ["weight"] = weight,
                ["accept"] = weight >= quorum,
            });
        }
        VectorFile.Write(
            folder,
            "quorum.json",
            new JsonObject { ["description"] = "Signatures that verified or not, by mediator.", ["vectors"] = vectors });
    }

    private async Task AcceptAsync(string name, SealedEnvelope envelope, params Signer[] signers)
    {
        var keys = new JsonObject();
        foreach (var signer in signers)
        {
            keys[signer.KeyId] = JsonNode.Parse(signer.Public.ToJson());
        }
        Add(name, Samples.Text(await BuildAsync(envelope, signers)), keys, null);
    }

    private void Add(string name, string wire, JsonObject keys, string? fault)
    {
        var vector = new JsonObject { ["name"] = name, ["accept"] = fault is null };
        if (fault is not null) vector["fault"] = fault;
        if (fault is null)
        {
            Assert.True(
                Envelope.TryParse(Samples.Utf8(wire), EnvelopeLimits.Default, out var envelope, out _, out var detail),
                $"{name}: {detail}");
            vector["id"] = envelope.Id.ToString();
            vector["digest"] = envelope.Digest.ToString();
        }
        vector["keys"] = keys.DeepClone();
        vector["wire"] = wire;
        _vectors.Add((JsonNode)vector);
    }

    private static async Task<byte[]> BuildAsync(SealedEnvelope envelope, params Signer[] signers)
    {
        var builder = new EnvelopeBuilder(envelope);
        foreach (var signer in signers)
        {
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }
        return builder.ToWire();
    }

    private static string Replace(string wire, string member, string value)
    {
        var node = JsonNode.Parse(wire)!;
        if (member is "payload" or "content") node[member] = value;
        else node["signatures"]![0]![member] = value;
        return node.ToJsonString();
    }

    private static byte[] Flatten(byte[] jwe)
    {
        var node = JsonNode.Parse(jwe)!.AsObject();
        node["header"] = node["recipients"]![0]!["header"]!.DeepClone();
        node.Remove("recipients");
        return Samples.Utf8(node.ToJsonString());
    }

    private sealed class Signer : IJwsSigner, IDisposable
    {
        private readonly RSA? _rsa;
        private readonly PrivateJwk? _ec;
        private readonly LocalSigner? _local;

        public Signer(JwsAlgorithm algorithm, string mediator = "qatar")
        {
            Algorithm = algorithm;
            KeyId = Samples.KeyId(mediator);
            if (algorithm is JwsAlgorithm.PS256 or JwsAlgorithm.PS384 or JwsAlgorithm.PS512)
            {
                _rsa = RSA.Create(2048);
                Assert.True(PublicJwk.TryCreate(_rsa.ExportParameters(false), null, out var jwk, out var error), error);
                Public = jwk;
                return;
            }
            var kind = algorithm switch { JwsAlgorithm.ES384 => JwkKind.P384, JwsAlgorithm.ES512 => JwkKind.P521, _ => JwkKind.P256 };
            _ec = PrivateJwk.Generate(kind, KeyId);
            _local = new LocalSigner(_ec);
            Public = _ec.Public;
        }

        public string KeyId { get; }

        public JwsAlgorithm Algorithm { get; }

        public PublicJwk Public { get; }

        public JsonObject Keys => new() { [KeyId] = JsonNode.Parse(Public.ToJson()) };

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => _rsa is null
            ? _local!.SignAsync(hash, cancellationToken)
            : ValueTask.FromResult(_rsa.SignHash(hash.ToArray(), Algorithm.HashName(), RSASignaturePadding.Pss));

        public void Dispose()
        {
            _rsa?.Dispose();
            _local?.Dispose();
            _ec?.Dispose();
        }
    }
}
