using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Pipeline;

/// <summary>
/// One content for addressees of either kind of key: sealed (the statement's signature included) and opened by its first addressee (its
/// verification included), beside a bare P-256 agreement.
/// </summary>
internal sealed class SealBench : IDisposable
{
    private readonly List<PrivateJwk> _keys = [];
    private readonly PrivateJwk _identity = PrivateJwk.Generate(JwkKind.P256, "us#1");
    private readonly LocalSigner _signer;
    private readonly IdentityKey _sender;
    private readonly StatementDraft _draft;
    private readonly ECDiffieHellman _bare = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDiffieHellmanPublicKey _barePublic;
    private SealedEnvelope? _sealed;

    /// <param name="classic">Addressees with a P-256 key.</param>
    /// <param name="hybrid">Addressees with a hybrid key; the first one is the first of all.</param>
    /// <param name="bytes">Bytes of the body.</param>
    public SealBench(int classic, int hybrid, int bytes)
    {
        _keys.AddRange(Enumerable.Range(0, hybrid).Select(i => HybridKeyPair.Generate($"hybrid-{i}#enc-1")));
        _keys.AddRange(Enumerable.Range(0, classic).Select(i => PrivateJwk.Generate(JwkKind.P256, $"classic-{i}#enc-1")));
        _signer = new LocalSigner(_identity);
        _sender = VerificationKey.TryCreate(_identity.Public, out var key, out var error)
            ? new IdentityKey(_identity.KeyId, key)
            : throw new InvalidOperationException(error);
        _barePublic = _bare.PublicKey;
        _draft = new StatementDraft
        {
            Id = new EnvelopeId("bench", "us", Lane.Normal, 1),
            Audience = [.. _keys.Select(one => one.KeyId.Split('#')[0])],
            ContentType = "text/plain",
            Body = RandomNumberGenerator.GetBytes(bytes),
        };
    }

    /// <summary>Bytes of the last content that was sealed.</summary>
    public int ContentBytes => _sealed!.Content.Length;

    /// <summary>Seals once; what comes out is what <see cref="OpenAsync"/> opens.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        // Completes on this thread: a key in memory signs at once.
        var content = await ContentSealer.SealAsync(
            _draft, _signer, [.. _keys.Select(key => key.Public)], HpkeKeyEncryption.Instance, cancellationToken);
        _sealed = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = _draft.Id,
            Audience = _draft.Audience,
            IssuedAt = DateTimeOffset.UnixEpoch,
            ExpiresAt = DateTimeOffset.UnixEpoch.AddHours(1),
            Content = content,
        });
    }

    /// <summary>Opens once.</summary>
    /// <exception cref="InvalidOperationException">It does not open: nothing measured would mean anything.</exception>
    public Task OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!ContentOpener.TryOpen(_sealed!, [_keys[0]], HpkeKeyEncryption.Instance, [_sender], out _, out var fault, out var detail))
        {
            throw new InvalidOperationException($"expected the content to open, got {fault}: {detail}");
        }
        return Task.CompletedTask;
    }

    /// <summary>One bare agreement.</summary>
    public Task AgreeBareAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CryptographicOperations.ZeroMemory(_bare.DeriveRawSecretAgreement(_barePublic));
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _barePublic.Dispose();
        _bare.Dispose();
        _sender.Key.Dispose();
        _signer.Dispose();
        _identity.Dispose();
        _keys.ForEach(key => key.Dispose());
    }
}
