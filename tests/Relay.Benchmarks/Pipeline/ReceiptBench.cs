using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Benchmarks.Pipeline;

/// <summary>
/// One receipt check, from its text to the verdict, against a loop of bare verifications of its
/// checkpoint's kind of signature: the further receipts of an hour, whose certificate is remembered,
/// and the first, whose certificate is not.
/// </summary>
internal sealed class ReceiptBench : IDisposable
{
    private const string Origin = "relay/bench";

    private readonly PrivateJwk _vault = PrivateJwk.Generate(
        JwkKind.P256, "https://kv.vault.azure.net/keys/relay-checkpoint/0123456789abcdef0123456789abcdef");
    private readonly PrivateJwk _checkpoint = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
    private readonly ECDsa _bare;
    private readonly byte[] _signature;
    private readonly VerificationKey _vaultKey;
    private readonly ReceiptVerifier _verifier;
    private readonly EnvelopeHead _envelope;
    private readonly DateTimeOffset _now;

    private ReceiptBench(DateTimeOffset now)
    {
        _now = now;
        _bare = _checkpoint.CreateECDsa();
        _signature = _bare.SignData(SignedText, HashAlgorithmName.SHA256);
        _vaultKey = VerificationKey.TryCreate(_vault.Public, out var key, out var error) ? key : throw new InvalidOperationException(error);
        _verifier = new ReceiptVerifier(Origin, _ => _vaultKey);
        _envelope = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId("bench", "us", Lane.Normal, 1),
            Audience = ["iran"],
            IssuedAt = now,
            ExpiresAt = now.AddHours(1),
            Content = "{}"u8.ToArray(),
        }).Head;
    }

    /// <summary>Bytes of the receipt.</summary>
    public int ReceiptBytes => Text.Length;

    private byte[] Text { get; set; } = [];

    private static byte[] SignedText => "relay/bench\n1000000\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"u8.ToArray();

    /// <param name="entries">Entries of the ledger; the receipt's proof has about log2 of them.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ReceiptBench> CreateAsync(int entries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var bench = new ReceiptBench(now);
        var entry = MadeUp.Entry(bench._envelope, Digest.Of("policy"u8), now, "oman", "qatar", "swiss");
        var tree = new MerkleTree();
        for (var i = 0; i < entries; i++) tree.Append(i == entries / 3 ? entry.LeafHash() : MerkleHash.Leaf(BitConverter.GetBytes(i)));
        if (!PublicJwk.TryCreate(bench._checkpoint.Public.ToECParameters(), null, out var jwk, out var error))
        {
            throw new InvalidOperationException(error);
        }
        using var vaultSigner = new LocalSigner(bench._vault);
        using var signer = new LocalSigner(bench._checkpoint);
        var certificate = await CheckpointKeyCertificate.SignAsync("relay/", jwk, now, now.AddHours(1), vaultSigner, cancellationToken);
        if (!NoteKey.TryCreate(Origin, jwk, out var noteKey, out error)) throw new InvalidOperationException(error);
        using var key = noteKey;
        var note = await key.SignAsync(new Checkpoint(Origin, entries, tree.Root()).ToBytes(), signer, cancellationToken);
        if (!MerkleProof.TryBuildInclusion(tree, entries / 3, entries, out var proof))
        {
            throw new InvalidOperationException("expected a proof");
        }
        bench.Text = Receipt.Write(entry, entries / 3, proof.AsSpan(), note, certificate);
        return bench;
    }

    /// <summary>One check by a verifier that has seen the certificate.</summary>
    /// <exception cref="InvalidOperationException">It does not hold: nothing measured would mean anything.</exception>
    public void CheckFurther() => Check(_verifier);

    /// <summary>One check by a verifier that has seen nothing.</summary>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public void CheckFirst()
    {
        using var verifier = new ReceiptVerifier(Origin, _ => _vaultKey);
        Check(verifier);
    }

    /// <summary>One bare verification.</summary>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public void VerifyBare()
    {
        if (!_bare.VerifyData(SignedText, _signature, HashAlgorithmName.SHA256))
        {
            throw new InvalidOperationException("expected the signature to verify");
        }
    }

    public void Dispose()
    {
        _verifier.Dispose();
        _vaultKey.Dispose();
        _bare.Dispose();
        _vault.Dispose();
        _checkpoint.Dispose();
    }

    private void Check(ReceiptVerifier verifier)
    {
        if (!Receipt.TryParse(Text, out var receipt, out var fault, out var detail)
            || (fault = verifier.Check(receipt, _envelope, _now, out detail)) != ReceiptFault.None)
        {
            throw new InvalidOperationException($"expected the receipt to hold, got {fault}: {detail}");
        }
    }
}
