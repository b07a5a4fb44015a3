using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Keys;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Ledger;

/// <summary>The keys of a relay: a vault key, and a checkpoint key it has certified from <c>start</c> on for an hour.</summary>
internal sealed class TestRelay : IDisposable
{
    public const string Name = "relay.example";
    public const string VaultKey = "https://kv.vault.azure.net/keys/relay-checkpoint";

    private readonly PrivateJwk _vault = PrivateJwk.Generate(JwkKind.P256, $"{VaultKey}/{Samples.Version}");
    private readonly PrivateJwk _checkpoint = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
    private readonly VerificationKey _vaultKey;
    private readonly LocalSigner _vaultSigner;
    private readonly LocalSigner _checkpointSigner;
    private readonly PublicJwk _public;

    public TestRelay(DateTimeOffset start)
    {
        Assert.True(VerificationKey.TryCreate(_vault.Public, out var key, out _));
        _vaultKey = key;
        _vaultSigner = new LocalSigner(_vault);
        _checkpointSigner = new LocalSigner(_checkpoint);
        Assert.True(PublicJwk.TryCreate(_checkpoint.Public.ToECParameters(), null, out var jwk, out _));
        _public = jwk;
        Certificate = Certify(start);
    }

    public CheckpointKeyCertificate Certificate { get; private set; }

    public IMediatorKeys Keys => new PinnedMediatorKeys(new Dictionary<string, VerificationKey> { [_vaultKey.Public.KeyId!] = _vaultKey });

    /// <summary>Public half of the vault key.</summary>
    public VerificationKey Key => _vaultKey;

    public LedgerTrust Trust(TimeProvider time, IMediatorKeys? keys = null) => new(Name, "doha-2026", VaultKey, keys ?? Keys, time);

    /// <summary>What a judge of evidence knows: this relay's key.</summary>
    public EvidenceInputs Judge => EvidenceInputs.Of(id => id.Text == _vaultKey.Public.KeyId ? _vaultKey : null);

    public ReceiptVerifier Verifier() => new($"{Name}/doha-2026", id => id.Text == _vaultKey.Public.KeyId ? _vaultKey : null);

    /// <summary>From here on what it signs has a certificate from this moment on.</summary>
    public void Renew(DateTimeOffset start) => Certificate = Certify(start);

    public SignedNote Sign(Checkpoint checkpoint)
    {
        Assert.True(NoteKey.TryCreate(checkpoint.Origin, _public, out var key, out var error), error);
        using (key) return Done(key.SignAsync(checkpoint.ToBytes(), _checkpointSigner, CancellationToken.None));
    }

    public void Dispose()
    {
        _vaultSigner.Dispose();
        _checkpointSigner.Dispose();
        _vaultKey.Dispose();
        _vault.Dispose();
        _checkpoint.Dispose();
    }

    private CheckpointKeyCertificate Certify(DateTimeOffset start) => Done(
        CheckpointKeyCertificate.SignAsync($"{Name}/", _public, start, start.AddHours(1), _vaultSigner, CancellationToken.None));

    // Local signers answer at once.
    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
#pragma warning disable VSTHRD002 // It has completed: nothing waits here.
        return task.Result;
#pragma warning restore VSTHRD002
    }
}
