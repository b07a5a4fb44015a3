using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>
/// A relay that signs whatever it is asked to, and the negotiation of three mediators whose document its entries name.
/// </summary>
internal sealed class EvidenceSamples : IDisposable
{
    private readonly Dictionary<string, (PrivateJwk Private, VerificationKey Public)> _mediators = [];

    public EvidenceSamples()
    {
        foreach (var name in new[] { "oman", "qatar", "swiss" })
        {
            var key = PrivateJwk.Generate(JwkKind.P256, Samples.KeyId(name));
            Assert.True(VerificationKey.TryCreate(key.Public, out var verification, out var error), error);
            _mediators[name] = (key, verification);
        }
        Document = Parse("us", "iran");
    }

    public LedgerSamples Relay { get; } = new();

    public NegotiationDocument Document { get; }

    /// <summary>Identity keys of the delegations, which the documents name.</summary>
    public static IReadOnlyDictionary<string, PrivateJwk> Identities { get; } = new[] { "us", "iran", "oman" }
        .ToDictionary(name => name, name => PrivateJwk.Generate(JwkKind.P256, $"{name}#1"));

    /// <summary>Of iran, which senders seal to; the documents name its public half.</summary>
    public static PrivateJwk Encryption { get; } = PrivateJwk.Generate(JwkKind.P256, "iran#enc-1");

    /// <summary>The public keys as JWK, each with its identifier: the relay's and the mediators'.</summary>
    public IEnumerable<JsonNode> Keys =>
        _mediators.Values.Select(mediator => mediator.Public.Public).Append(Relay.VaultKey.Public)
            .Select(key => JsonNode.Parse(key.ToJson())!);

    /// <summary>Everything that a judge may need.</summary>
    public EvidenceInputs Inputs => new(
        id => id.Text == Relay.Vault.KeyId ? Relay.VaultKey : null,
        (id, _) => _mediators.Values.Select(mediator => mediator.Public).FirstOrDefault(key => key.Public.KeyId == id.Text),
        digest => digest == Document.PolicyDigest ? Document : null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A document of the negotiation in which one may address the other, and nobody else anybody.</summary>
    public static NegotiationDocument Parse(string from, string to, string negotiation = "doha-2026")
    {
        static string Quote(string text) => $"\"{text}\"";
        var delegations = new[] { "us", "iran", "oman" }.Select(name =>
            $$"""{{Quote(name)}}:{"topic":"delegation-{{name}}","identityKeys":[{{Identity(name)}}]{{Sealing(name)}}}""");
        var mediators = new[] { ("qatar", 2), ("oman", 1), ("swiss", 1) }.Select(mediator =>
            $$"""{{Quote(mediator.Item1)}}:{"key":"{{Vault}}mediator-{{mediator.Item1}}","weight":{{mediator.Item2}}}""");
        var members = $$"""
            "delegations":{{{string.Join(',', delegations)}}},"mediators":{{{string.Join(',', mediators)}}},"quorum":3
            """;
        var json = $$"""
            {"negotiation":"{{negotiation}}",{{members}},"routes":[{"from":"{{from}}","to":["{{to}}"]}],"version":1}
            """;
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(json), out var document, out var errors), string.Join(' ', errors));
        return document;
    }

    public static EnvelopeHead Head(EnvelopeDraft draft) => SealedEnvelope.Create(draft).Head;

    public async Task<JudgedHead> JudgedAsync(EnvelopeHead head, params string[] mediators)
    {
        SignedHead? signed = null;
        foreach (var mediator in mediators)
        {
            using var signer = new LocalSigner(_mediators[mediator].Private);
            signed = signed is null ? await SignedHead.SignAsync(head, signer, Token) : await signed.SignAsync(signer, Token);
        }
        return new JudgedHead(Document.PolicyDigest, signed!);
    }

    public async Task<EnvelopeEntry> EntryAsync(EnvelopeHead? head = null, int minutes = 5, params string[] mediators) => new()
    {
        Judged = await JudgedAsync(head ?? Relay.Envelope, mediators.Length == 0 ? ["oman", "qatar"] : mediators),
        At = LedgerSamples.Start.AddMinutes(minutes),
    };

    /// <summary>The tree of these entries, signed, with proofs of some of them.</summary>
    public async Task<EvidenceTree> TreeAsync(
        IReadOnlyList<byte[]> entries, int[] indices, string origin = LedgerSamples.Origin, DateTimeOffset? notBefore = null)
    {
        var tree = Tree(entries);
        var signed = await SignedAsync(tree, origin, notBefore);
        return new EvidenceTree(
            signed,
            [
                .. indices.Select(index =>
                {
                    Assert.True(MerkleProof.TryBuildInclusion(tree, index, tree.Size, out var proof));
                    return new EvidenceLeaf(index, entries[index], proof);
                }),
            ]);
    }

    /// <summary>A tree of as many entries as asked for, all of them made up but those given by index.</summary>
    public Task<EvidenceTree> TreeAsync(int size, params (int Index, byte[] Entry)[] entries) => TreeAsync(size, null, entries);

    /// <summary>The same under the certificate of another time.</summary>
    public async Task<EvidenceTree> TreeAsync(int size, DateTimeOffset? notBefore, params (int Index, byte[] Entry)[] entries)
    {
        var tree = new ChangedTree(size, [.. entries.Select(entry => ((long)entry.Index, MerkleHash.Leaf(entry.Entry)))]);
        var signed = await SignedAsync(new Checkpoint(LedgerSamples.Origin, size, tree.Root(size)), notBefore);
        return new EvidenceTree(
            signed,
            [
                .. entries.Select(entry =>
                {
                    Assert.True(MerkleProof.TryBuildInclusion(tree, entry.Index, size, out var proof));
                    return new EvidenceLeaf(entry.Index, entry.Entry, proof);
                }),
            ]);
    }

    public Task<SignedCheckpoint> SignedAsync(MerkleTree tree, string origin = LedgerSamples.Origin, DateTimeOffset? notBefore = null) =>
        SignedAsync(new Checkpoint(origin, tree.Size, tree.Root()), notBefore);

    public async Task<SignedCheckpoint> SignedAsync(Checkpoint checkpoint, DateTimeOffset? notBefore = null)
    {
        var note = await Relay.SignAsync(checkpoint);
        var certificate = await Relay.CertifyAsync(notBefore: notBefore);
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, certificate.Bytes, out var signed, out var error), error);
        return signed;
    }

    public static MerkleTree Tree(IEnumerable<byte[]> entries)
    {
        var tree = new MerkleTree();
        foreach (var entry in entries) tree.Append(MerkleHash.Leaf(entry));
        return tree;
    }

    public static MerkleTree Tree(string salt, int size) => Tree(Enumerable.Range(0, size).Select(i => Samples.Utf8($"{salt} {i}")));

    public void Dispose()
    {
        Relay.Dispose();
        foreach (var (key, verification) in _mediators.Values)
        {
            key.Dispose();
            verification.Dispose();
        }
    }

    private const string Vault = "https://kv.vault.azure.net/keys/";

    private static string Sealing(string name) =>
        name == "iran" ? $",\"encryptionKeys\":[{Samples.Text(Encryption.Public.ToJson())}]" : "";

    private static string Identity(string name) => Samples.Text(Identities[name].Public.ToJson());
}
