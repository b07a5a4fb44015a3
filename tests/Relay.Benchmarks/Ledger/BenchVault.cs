using Relay.Core.Ledger.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Ledger;

/// <summary>A vault key in this process that certifies checkpoint keys and counts its calls.</summary>
internal sealed class BenchVault : ICheckpointCertifier, IDisposable
{
    private readonly PrivateJwk _key = PrivateJwk.Generate(
        JwkKind.P256, $"https://bench.vault.azure.net/keys/relay-checkpoint/{new string('0', 32)}");
    private readonly LocalSigner _signer;
    private readonly VerificationKey _public;

    public BenchVault()
    {
        _signer = new LocalSigner(_key);
        _public = VerificationKey.TryCreate(_key.Public, out var key, out var error) ? key : throw new InvalidOperationException(error);
    }

    /// <summary>Signatures asked for.</summary>
    public int Calls { get; private set; }

    public async ValueTask<CheckpointKeyCertificate?> CertifyAsync(
        string originPrefix, PublicJwk key, DateTimeOffset notBefore, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        Calls++;
        return await CheckpointKeyCertificate.SignAsync(originPrefix, key, notBefore, expiresAt, _signer, cancellationToken);
    }

    public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken) =>
        new(key.Text == _key.KeyId ? new KeyLookup(KeyStatus.Usable, _public) : KeyStatus.Unknown);

    public void Dispose()
    {
        _signer.Dispose();
        _public.Dispose();
        _key.Dispose();
    }
}
