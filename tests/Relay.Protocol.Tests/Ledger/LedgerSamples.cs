using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Ledger;

/// <summary>
/// A ledger of five entries with its vault key and checkpoint key; entry 2 is the envelope of <see cref="Samples.Draft"/>.
/// </summary>
internal sealed class LedgerSamples : IDisposable
{
    public const string Origin = "relay.example/doha-2026";
    public const string Prefix = "relay.example/";
    public const int Index = 2;

    public static readonly DateTimeOffset Start = Samples.Issued;

    public LedgerSamples()
    {
        Assert.True(VerificationKey.TryCreate(Vault.Public, out var key, out _));
        VaultKey = key;
        VaultSigner = new LocalSigner(Vault);
        CheckpointSigner = new LocalSigner(CheckpointKey);
    }

    public PrivateJwk Vault { get; } = PrivateJwk.Generate(
        JwkKind.P256, $"https://kv.vault.azure.net/keys/relay-checkpoint/{Samples.KeyVersion}");

    public PrivateJwk CheckpointKey { get; } = PrivateJwk.Generate(JwkKind.P256, "checkpoint");

    public VerificationKey VaultKey { get; }

    public LocalSigner VaultSigner { get; }

    public LocalSigner CheckpointSigner { get; }

    public EnvelopeHead Envelope { get; } = SealedEnvelope.Create(Samples.Draft()).Head;

    public EnvelopeEntry Entry =>
        MadeUp.Entry(Envelope, Digest.Of("policy"u8), Start.AddMinutes(5).AddMilliseconds(7), "oman", "qatar");

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ReceiptVerifier Verifier(string origin = Origin) => new(origin, id => id.Text == Vault.KeyId ? VaultKey : null);

    public ValueTask<CheckpointKeyCertificate> CertifyAsync(
        string prefix = Prefix, DateTimeOffset? notBefore = null, LocalSigner? signer = null) =>
        CheckpointKeyCertificate.SignAsync(
            prefix, Public(CheckpointKey), notBefore ?? Start, (notBefore ?? Start).AddHours(1), signer ?? VaultSigner, Token);

    public async Task<SignedNote> SignAsync(Checkpoint checkpoint, PrivateJwk? key = null, string? name = null)
    {
        key ??= CheckpointKey;
        Assert.True(NoteKey.TryCreate(name ?? checkpoint.Origin, Public(key), out var noteKey, out var error), error);
        using var signer = new LocalSigner(key);
        using (noteKey)
        {
            return await noteKey.SignAsync(checkpoint.ToBytes(), signer, Token);
        }
    }

    public async Task<byte[]> ReceiptAsync(
        EnvelopeEntry? entry = null, CheckpointKeyCertificate? certificate = null, string origin = Origin, PrivateJwk? signedBy = null)
    {
        entry ??= Entry;
        var tree = new MerkleTree();
        for (var i = 0; i < 5; i++) tree.Append(i == Index ? entry.LeafHash() : MerkleHash.Leaf([(byte)i]));
        var note = await SignAsync(new Checkpoint(origin, tree.Size, tree.Root()), signedBy);
        Assert.True(MerkleProof.TryBuildInclusion(tree, Index, tree.Size, out var proof));
        certificate ??= await CertifyAsync();
        return Receipt.Write(entry, Index, proof.AsSpan(), note, certificate);
    }

    public static PublicJwk Public(PrivateJwk key)
    {
        Assert.True(PublicJwk.TryCreate(key.Public.ToECParameters(), null, out var jwk, out _));
        return jwk;
    }

    public void Dispose()
    {
        VaultKey.Dispose();
        VaultSigner.Dispose();
        CheckpointSigner.Dispose();
        Vault.Dispose();
        CheckpointKey.Dispose();
    }
}
