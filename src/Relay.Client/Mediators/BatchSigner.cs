using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;

namespace Relay.Client.Mediators;

/// <summary>
/// Signs heads as they come with as few calls of a key as may be: a vault takes some hundred a second, one call signs up to 4,096 heads.
/// Safe for concurrent use; the signer stays its owner's.
/// </summary>
/// <remarks>
/// <para>A head that comes when no call has begun for <see cref="BatchSigningOptions.MaxWait"/> is signed at once and by itself, with an
/// ES256 signature that any JOSE library verifies. What comes sooner waits for the rest of that time, and all that has come by then, or as
/// soon as it is <see cref="BatchSigningOptions.MaxHeads"/>, is signed together (<c>MT-ES256</c>; one alone singly). So at low load nobody
/// waits, at any load nobody waits longer than that for others, and the key is called 20 times a second and once for each full batch.
/// </para>
/// <para>Calls may overlap: a slow one does not hold up the next.</para>
/// </remarks>
public sealed class BatchSigner : IAsyncDisposable
{
    private readonly IJwsSigner _signer;
    private readonly BatchSigningOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // A place for each head taken on, given back when its batch is done, cancelled ones too: they stay in it until then.
    private readonly SemaphoreSlim _room;

    // Guards the four below; nothing is awaited or signed inside.
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _calls = [];
    private List<Waiter> _gathering = [];
    private long? _lastCall;
    private bool _isClosed;

    /// <summary>Takes a signer, which must outlive this.</summary>
    /// <param name="signer">A key on P-256, in a vault or in memory, whose id is a full Key Vault key identifier.</param>
    /// <param name="options">Sizes and times.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">Another kind of key, or an option out of its range.</exception>
    public BatchSigner(IJwsSigner signer, BatchSigningOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        HeadBatch.RequireSigner(signer);
        options.Check();
        _signer = signer;
        _options = options;
        _time = time;
        _room = new SemaphoreSlim(options.MaxPending, options.MaxPending);
        _timer = time.CreateTimer(_ => Close(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Signs a head that others have signed; theirs stay.</summary>
    /// <inheritdoc cref="SignAsync(EnvelopeHead, CancellationToken)"/>
    /// <exception cref="InvalidOperationException">It has 32 signatures already.</exception>
    public async Task<SignedHead> SignAsync(SignedHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (head.Signatures.Length == EnvelopeLimits.MaxSignatures)
        {
            throw new InvalidOperationException($"A head carries at most {EnvelopeLimits.MaxSignatures} signatures.");
        }
        return head.Join(await SignAsync(head.Head, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Signs a head, of which the mediator has seen all that it vouches for.</summary>
    /// <param name="head">What to sign.</param>
    /// <param name="cancellationToken">Ends the wait for this one; others in its batch are signed all the same.</param>
    /// <returns>The head with this one signature; attach it to an envelope, or give it back.</returns>
    /// <exception cref="SigningFailedException">The key did not sign.</exception>
    /// <exception cref="ObjectDisposedException">This takes no more.</exception>
    public async Task<SignedHead> SignAsync(EnvelopeHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        var waiter = new Waiter(head);
        lock (_gate)
        {
            if (_isClosed)
            {
                _room.Release();
                throw new ObjectDisposedException(nameof(BatchSigner));
            }
            _gathering.Add(waiter);
            var due = Due();
            if (due <= TimeSpan.Zero || _gathering.Count == _options.MaxHeads) Begin();
            else if (_gathering.Count == 1) _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        return await waiter.SignedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more, signs what waits, and ends with the last call.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] calls;
        lock (_gate)
        {
            _isClosed = true;
            if (_gathering.Count > 0) Begin();
            calls = [.. _calls];
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(calls).ConfigureAwait(false);
    }

    // Timers may be early or late by a little; whenever this one fires, what has gathered has waited enough.
    private void Close()
    {
        lock (_gate)
        {
            if (_gathering.Count > 0) Begin();
        }
    }

    private TimeSpan Due() => _lastCall is { } last ? _options.MaxWait - _time.GetElapsedTime(last) : TimeSpan.Zero;

    // Called inside the gate. Building the tree takes milliseconds for a large batch, which are not the caller's who filled it.
    private void Begin()
    {
        var batch = _gathering;
        _gathering = [];
        _lastCall = _time.GetTimestamp();
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var call = Task.Run(() => SignAsync(batch));
        _calls.Add(call);
        _ = call.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task call)
    {
        lock (_gate)
        {
            _calls.Remove(call);
        }
    }

    private async Task SignAsync(List<Waiter> batch)
    {
        List<Waiter> waiting = [.. batch.Where(waiter => waiter.IsWaiting)];
        try
        {
            if (waiting.Count == 0) return;
            using var deadline = new CancellationTokenSource(_options.CallTimeout, _time);
            var heads = waiting.ConvertAll(waiter => waiter.Head);
            var signed = await HeadBatch.SignAsync(heads, _signer, deadline.Token).ConfigureAwait(false);
            for (var i = 0; i < signed.Length; i++) waiting[i].Complete(signed[i]);
        }
        catch (Exception exception)
        {
            // Whatever it was, all who wait have to hear of it; what is not a failure of the vault is theirs to see inside.
            foreach (var waiter in waiting) waiter.Fail(Failed(exception, waiting.Count));
        }
        finally
        {
            _room.Release(batch.Count);
        }
    }

    private SigningFailedException Failed(Exception cause, int heads)
    {
        var why = cause is OperationCanceledException ? $"it did not answer within {_options.CallTimeout}" : cause.Message;
        return new SigningFailedException($"Expected {_signer.KeyId} to sign {heads} heads with one call: {why}", cause)
        {
            KeyId = _signer.KeyId,
            Heads = heads,
        };
    }

    private sealed class Waiter(EnvelopeHead head)
    {
        private readonly TaskCompletionSource<SignedHead> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EnvelopeHead Head => head;

        public bool IsWaiting => !_result.Task.IsCompleted;

        public void Complete(SignedHead signed) => _result.TrySetResult(signed);

        public void Fail(Exception exception) => _result.TrySetException(exception);

        public async Task<SignedHead> SignedAsync(CancellationToken cancellationToken)
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource<SignedHead>)state!).TrySetCanceled(token), _result).ConfigureAwait(false);
            return await _result.Task.ConfigureAwait(false);
        }
    }
}
