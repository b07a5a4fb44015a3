using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Mediators;

/// <summary>A mediator's key that counts its calls, and holds or fails them when told. Safe for concurrent use.</summary>
internal sealed class MediatorKeyFake : IJwsSigner, IDisposable
{
    private readonly PrivateJwk _key;
    private readonly LocalSigner _signer;
    private readonly VerificationKey _public;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _held;
    private int _calls;

    public MediatorKeyFake(string name = "qatar")
    {
        _key = PrivateJwk.Generate(JwkKind.P256, IdOf(name));
        _signer = new LocalSigner(_key);
        Assert.True(VerificationKey.TryCreate(_key.Public, out var key, out var error), error);
        _public = key;
    }

    /// <summary>Calls so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Ends when a call is held.</summary>
    public Task Entered => _entered.Task;

    /// <summary>What every call throws; null for none.</summary>
    public Exception? Failure { get; set; }

    public string KeyId => _signer.KeyId;

    public JwsAlgorithm Algorithm => _signer.Algorithm;

    public static string IdOf(string name) => $"https://kv.vault.azure.net/keys/mediator-{name}/0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    /// <summary>Heads of a stream, each another.</summary>
    public static IReadOnlyList<EnvelopeHead> HeadsToSign(int count) => [.. Enumerable.Range(1, count).Select(i =>
        SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId("doha-2026", "us", Lane.Normal, i),
            Audience = ["iran"],
            Previous = i == 1 ? null : Digest.Of([1]),
            IssuedAt = DateTimeOffset.UnixEpoch.AddYears(56),
            ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(56).AddHours(1),
            Content = "{}"u8.ToArray(),
        }).Head)];

    /// <summary>Calls from now on wait until the source is set.</summary>
    public TaskCompletionSource Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Calls from now on are answered.</summary>
    public void Release() => _held = null;

    /// <summary>Fails unless this key signed this head, and nothing else is on it.</summary>
    public void AssertSigned(SignedHead signed, EnvelopeHead head)
    {
        Assert.Equal(head.Digest, signed.Head.Digest);
        Assert.Equal(SignatureFault.None, Assert.Single(signed.Signatures).Verify(_public));
    }

    public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (_held is { } held)
        {
            _entered.TrySetResult();
            await held.Task.WaitAsync(cancellationToken);
        }
        if (Failure is { } failure) throw failure;
        return await _signer.SignAsync(hash, cancellationToken);
    }

    public void Dispose()
    {
        _public.Dispose();
        _signer.Dispose();
        _key.Dispose();
    }
}
