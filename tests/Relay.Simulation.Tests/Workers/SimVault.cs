using Relay.Core.Ledger.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Simulation.Tests.Judging;
using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Rare;

namespace Relay.Simulation.Tests.Workers;

/// <summary>The relay's vault key, as one worker reaches it. One key serves all worlds of a process.</summary>
internal sealed class SimVault(SimCalls calls, RareStates states) : ICheckpointCertifier
{
    public const string KeyName = "https://kv.vault.azure.net/keys/relay-checkpoint";

    private static readonly PrivateJwk Key = DrawnSecrets.KeyOf(KeyName + "/fedcba9876543210fedcba9876543210");
    private static readonly DrawnSigner Signer = new(Key);
    private static readonly VerificationKey Public = VerificationKey.TryCreate(Key.Public, out var key, out var error)
        ? key
        : throw new InvalidOperationException(error);

    public static string KeyId => Key.KeyId;

    public static VerificationKey PublicKey => Public;

    /// <summary>The public key of an identifier; null when it is not the relay's.</summary>
    public static VerificationKey? Find(KeyIdentifier key) => key.Text == Key.KeyId ? Public : null;

    public async ValueTask<CheckpointKeyCertificate?> CertifyAsync(
        string originPrefix, PublicJwk key, DateTimeOffset notBefore, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        if (!await AnswersAsync(cancellationToken).ConfigureAwait(false))
        {
            states.Note(RareState.VaultRefused);
            return null;
        }

        return await CheckpointKeyCertificate.SignAsync(
            originPrefix, key, notBefore, expiresAt, Signer, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
    {
        if (!await AnswersAsync(cancellationToken).ConfigureAwait(false)) return KeyStatus.Unavailable;
        return Find(key) is { } found ? new KeyLookup(KeyStatus.Usable, found) : KeyStatus.Unknown;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await calls.CallAsync(
                "vault", torn => !torn, () => new TimeoutException("simulated failure"), cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
