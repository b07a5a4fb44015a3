using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>
/// Every vector that <c>Node/vectors.mjs</c> writes, judged here too: the two share no code, and each fault has to be the same.
/// </summary>
public sealed class PublishedVectorTests : IDisposable
{
    private readonly Dictionary<string, VerificationKey> _keys = [];

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }

    [Theory]
    [InlineData("names.json")]
    [InlineData("heads.json")]
    [InlineData("headers.json")]
    [InlineData("wires.json")]
    [InlineData("entries.json")]
    [InlineData("notes.json")]
    [InlineData("certificates.json")]
    [InlineData("batches.json")]
    [InlineData("receipts.json")]
    [InlineData("proofs.json")]
    [InlineData("bundles.json")]
    [InlineData("weights.json")]
    [InlineData("evidence.json")]
    public void File_EveryVector_HasTheStatedFault(string name)
    {
        var file = VectorFile.Read(name);
        var wrong = new List<string>();
        foreach (var vector in file["vectors"]!.AsArray())
        {
            var expected = (bool)vector!["accept"]! ? "None" : (string)vector["fault"]!;
            var found = Judge(name, vector.AsObject(), file);
            if (found != expected) wrong.Add($"{(string)vector["name"]!}: expected {expected}, got {found}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Files_AllTogether_HoldAThousandVectorsHalfOfThemRefused()
    {
        string[] published =
        [
            "names.json", "heads.json", "headers.json", "wires.json", "entries.json", "notes.json", "certificates.json", "receipts.json",
            "batches.json",
            "proofs.json", "bundles.json", "weights.json", "evidence.json",
        ];
        var all = published.SelectMany(name => VectorFile.Read(name)["vectors"]!.AsArray()).ToList();
        var refused = all.Count(vector => !(bool)vector!["accept"]!);
        Assert.True(all.Count >= 1000 && refused * 2 >= all.Count, $"{all.Count} vectors, {refused} refused");
        Assert.True((all.Count - refused) * 5 >= all.Count, $"{all.Count} vectors, only {all.Count - refused} accepted");
        // Every verdict of the judge of evidence has one.
        var evidence = VectorFile.Read("evidence.json")["vectors"]!.AsArray();
        var faults = evidence.Select(vector => (string?)vector!["fault"] ?? "None").ToHashSet();
        Assert.Empty(Enum.GetNames<EvidenceFault>().Except(faults));
    }

    private string Judge(string file, JsonObject vector, JsonObject whole) => file switch
    {
        "names.json" => IsName((string)vector["form"]!, (string)vector["text"]!) ? "None" : "BadName",
        "heads.json" => EnvelopeHead.TryParse(Bytes(vector), out _, out var fault, out _) ? "None" : fault.ToString(),
        "headers.json" => new ProtectedHeader(Bytes(vector)).Fault,
        "wires.json" => JudgeWire(vector),
        "entries.json" => LedgerEntry.TryParse(Bytes(vector), out _, out _) ? "None" : "BadEntry",
        "notes.json" => JudgeNote(vector),
        "certificates.json" => JudgeCertificate(vector),
        "receipts.json" => JudgeReceipt(vector, whole),
        "proofs.json" => JudgeProof(vector),
        "batches.json" => Key(vector["key"]!).Verify(
            Algorithm((string)vector["alg"]!),
            Encoding.Latin1.GetBytes((string)vector["input"]!),
            Convert.FromBase64String((string)vector["value"]!)).ToString(),
        "bundles.json" => EntryBundle.TryRead(Bytes(vector), (int)vector["width"]!, out _, out _) ? "None" : "BadBundle",
        "weights.json" => JudgeWeights(vector),
        _ => JudgeEvidence(vector, whole),
    };

    private static JwsAlgorithm Algorithm(string name) =>
        JwsAlgorithms.TryParse(name, out var algorithm) ? algorithm : throw new ArgumentException(name, nameof(name));

    private static bool IsName(string form, string text) => form switch
    {
        "name" => RelayName.IsValid(text),
        "id" => EnvelopeId.TryParse(text, out _),
        "kid" => KeyIdentifier.TryParse(text, out _),
        _ => Checkpoint.IsOrigin(Encoding.UTF8.GetBytes(text)),
    };

    private string JudgeWire(JsonObject vector)
    {
        if (!Envelope.TryParse(Bytes(vector), EnvelopeLimits.Default, out var envelope, out var fault, out _)) return fault.ToString();
        foreach (var signature in envelope.Signatures)
        {
            if (vector["keys"]![signature.Key.Text] is not { } jwk) return "UnknownKey";
            var verified = signature.Verify(Key(jwk));
            if (verified != SignatureFault.None) return verified.ToString();
        }
        return "None";
    }

    private static string JudgeNote(JsonObject vector)
    {
        if (!SignedNote.TryParse(Bytes(vector), out var note, out _)) return "Malformed";
        if (!Checkpoint.TryParse(note.Text.Span, out _, out _)) return "Malformed";
        Assert.True(PublicJwk.TryParse(Samples.Utf8(vector["key"]!.ToJsonString()), out var jwk, out var error), error);
        Assert.True(NoteKey.TryCreate((string)vector["origin"]!, jwk, out var key, out error), error);
        using (key) return key.Verify(note).ToString();
    }

    private string JudgeCertificate(JsonObject vector)
    {
        if (!CheckpointKeyCertificate.TryParse(Bytes(vector), out var certificate, out _)) return "BadCertificate";
        if (certificate.Verify(Key(vector["key"]!)) != SignatureFault.None) return "BadCertificateSignature";
        return certificate.Covers((string)vector["origin"]!) ? "None" : "CertificateForOtherOrigin";
    }

    private string JudgeReceipt(JsonObject vector, JsonObject whole)
    {
        if (!Receipt.TryParse(Bytes(vector), out var receipt, out var fault, out _)) return fault.ToString();
        Assert.True(EnvelopeHead.TryParse(Samples.Utf8((string)vector["head"]!), out var head, out _, out var detail), detail);
        using var verifier = new ReceiptVerifier((string)vector["origin"]!, id => Find(whole["keys"]!, id));
        return verifier.Check(receipt, head, DateTimeOffset.FromUnixTimeSeconds((long)vector["now"]!), out _).ToString();
    }

    private static string JudgeProof(JsonObject vector)
    {
        var proof = vector["proof"]!.AsArray().Select(hash => Hash(hash!)).ToArray();
        var (size, root) = ((long)vector["size"]!, Hash(vector["root"]!));
        if (vector["leaf"] is { } leaf)
        {
            return MerkleProof.VerifyInclusion(Hash(leaf), (long)vector["index"]!, size, proof, root) ? "None" : "NotIncluded";
        }
        var (first, firstRoot) = ((long)vector["first"]!, Hash(vector["firstRoot"]!));
        return MerkleProof.VerifyConsistency(first, firstRoot, size, root, proof) ? "None" : "NotConsistent";
    }

    private static string JudgeWeights(JsonObject vector)
    {
        var weights = vector["weights"]!.AsObject().ToDictionary(member => member.Key, member => (int)member.Value!);
        var findings = vector["signatures"]!.AsArray().Select(signature => new SignatureFinding(
            "kid", (string)signature!["mediator"]!, (bool)signature["valid"]! ? SignatureOutcome.Valid : SignatureOutcome.BadSignature));
        return new QuorumRule(weights, (int)vector["quorum"]!).Evaluate([.. findings]).Reached ? "None" : "QuorumNotMet";
    }

    private string JudgeEvidence(JsonObject vector, JsonObject whole)
    {
        var without = vector["without"]?.AsArray().Select(name => (string)name!).ToHashSet() ?? [];
        var documents = whole["documents"]!.AsArray().Select(text =>
        {
            Assert.True(NegotiationDocument.TryParse(Samples.Utf8((string)text!), out var read, out var errors), string.Join(' ', errors));
            return read;
        }).ToImmutableArray();
        var inputs = new EvidenceInputs(
            id => without.Contains("relay") ? null : Find(whole["relayKeys"]!, id),
            (id, _) => without.Any(name => id.Name == $"mediator-{name}") ? null : Find(whole["mediatorKeys"]!, id),
            digest => without.Contains("document") ? null : documents.FirstOrDefault(document => document.PolicyDigest == digest));
        return EvidenceJudge.Judge(Bytes(vector), inputs).Fault.ToString();
    }

    private VerificationKey? Find(JsonNode keys, KeyIdentifier id) =>
        keys.AsArray().FirstOrDefault(key => KeyIdentifier.TextComparer.Equals((string)key!["kid"]!, id.Text)) is { } jwk ? Key(jwk) : null;

    private VerificationKey Key(JsonNode jwk)
    {
        var text = jwk.ToJsonString();
        if (_keys.TryGetValue(text, out var known)) return known;
        Assert.True(PublicJwk.TryParse(Samples.Utf8(text), out var read, out var error), error);
        Assert.True(VerificationKey.TryCreate(read, out var key, out error), error);
        return _keys[text] = key;
    }

    private static byte[] Bytes(JsonObject vector) =>
        vector["text"] is { } text ? Encoding.UTF8.GetBytes((string)text!) : Convert.FromBase64String((string)vector["bytes"]!);

    private static Digest Hash(JsonNode text) => new(Convert.FromBase64String((string)text!));

    /// <summary>What the reader of protected headers says, which stands alone nowhere else.</summary>
    private sealed class ProtectedHeader(byte[] header)
    {
        public string Fault
        {
            get
            {
                var reader = default(ProtectedHeaderReader);
                return reader.Read(StrictBase64Url.EncodeToUtf8(header)).Fault.ToString();
            }
        }
    }
}
