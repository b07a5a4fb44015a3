using System.Buffers;
using System.Collections.Immutable;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Client.Delegations;

/// <summary>
/// What a delegation has to say of envelopes and the relay has not logged yet: kept until a receipt of the relay holds, and sent in the
/// background. Safe for concurrent use; the owner starts it and disposes it, and disposes what it was given.
/// </summary>
/// <remarks>
/// One at a time, the oldest first. A relay that does not answer is asked again after 1 s, 2 s, 4 s and so on up to 5 min; what it does
/// not take yet waits by itself in the same way, and is given up 30 days after it was said. What is kept is sent at once by the
/// next process.
/// </remarks>
public sealed class AcknowledgementOutbox : IAsyncDisposable
{
    /// <summary>Acknowledgements kept at most: 4,096, some 3 MB. Past it nothing further is taken until some are sent.</summary>
    public const int MaxPending = 4096;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(30);

    private readonly IJwsSigner _identity;
    private readonly AcknowledgementSubmitter _submitter;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> _save;
    private readonly Func<Acknowledgement, AcknowledgementReply, CancellationToken, ValueTask>? _settled;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();

    // Held while what is kept is changed and saved, so that saves are in the order of the changes.
    private readonly SemaphoreSlim _saving = new(1, 1);

    // Guards the fields below; no await inside.
    private readonly Lock _gate = new();
    private readonly List<Waiting> _pending = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;
    private long _leftOut;

    /// <param name="identity">The delegation's identity key.</param>
    /// <param name="submitter">Sends.</param>
    /// <param name="kept">What an earlier process kept; see <see cref="TryRead"/>.</param>
    /// <param name="save">Puts what is pending where it outlives the process, whole or not at all, before it returns.</param>
    /// <param name="settled">Is told what became of each; null when nobody asks.</param>
    /// <param name="time">The clock.</param>
    public AcknowledgementOutbox(
        IJwsSigner identity,
        AcknowledgementSubmitter submitter,
        IEnumerable<Acknowledgement> kept,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> save,
        Func<Acknowledgement, AcknowledgementReply, CancellationToken, ValueTask>? settled,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(submitter);
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(save);
        ArgumentNullException.ThrowIfNull(time);
        _identity = identity;
        _submitter = submitter;
        _save = save;
        _settled = settled;
        _time = time;
        foreach (var said in kept) _pending.Add(new Waiting(said, time.GetUtcNow()));
    }

    /// <summary>How many the relay has not logged yet, as far as is known.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>How many there was no room for: their senders will see no answer.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Reads what was saved: a compact JWS a line.</summary>
    /// <returns>False when a line is something else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ImmutableArray<Acknowledgement> kept)
    {
        var read = ImmutableArray.CreateBuilder<Acknowledgement>();
        kept = [];
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range];
            if (line.IsEmpty) continue;
            if (read.Count == MaxPending || !Acknowledgement.TryParse(line, out var said, out _, out _)) return false;
            read.Add(said);
        }
        kept = read.DrainToImmutable();
        return true;
    }

    /// <summary>Begins to send in the background.</summary>
    public void Start() => _run = RunAsync();

    /// <summary>
    /// Takes what is to be said of an envelope, if anything is; when it returns it is kept. What is pending already is not taken again.
    /// </summary>
    /// <returns>False when there was something to say and no room for it.</returns>
    public async ValueTask<bool> AddAsync(InboxResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (AcknowledgementRules.Draft(result, _time.GetUtcNow()) is not { } draft) return true;
        var said = await Acknowledgement.SignAsync(draft, _identity, cancellationToken).ConfigureAwait(false);
        var taken = await ChangeAsync(
            pending =>
            {
                if (pending.Exists(waiting => waiting.Said.SaysTheSame(said))) return true;
                if (pending.Count >= MaxPending) return false;
                pending.Add(new Waiting(said, _time.GetUtcNow()));
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (!taken) Interlocked.Increment(ref _leftOut);
        return taken;
    }

    /// <summary>Waits until nothing is pending, for so long at most.</summary>
    /// <returns>False when something still is.</returns>
    public async Task<bool> DrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (Look(out var changed) > 0) await changed.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Stops sending; what is pending is kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stopping.Dispose();
        _saving.Dispose();
    }

    private async Task RunAsync()
    {
        var failures = 0;
        try
        {
            while (true)
            {
                if (await NextAsync().ConfigureAwait(false) is not { } waiting) continue;
                var reply = await SendAsync(waiting).ConfigureAwait(false);
                failures = reply.Kind == AcknowledgementReplyKind.NotNow ? failures + 1 : 0;
                if (failures == 0) continue;
                var pause = PauseAfter(failures);
                await Task.Delay(reply.RetryAfter > pause ? reply.RetryAfter.Value : pause, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped; the next process goes on.
        }
    }

    // Null when something has changed, or the next one is due, and it is to be looked again.
    private async ValueTask<Waiting?> NextAsync()
    {
        Task changed;
        Waiting? first;
        lock (_gate)
        {
            changed = _changed.Task;
            first = _pending.MinBy(waiting => waiting.DueAt);
        }
        _stopping.Token.ThrowIfCancellationRequested();
        var wait = first is null ? Timeout.InfiniteTimeSpan : first.DueAt - _time.GetUtcNow();
        if (first is not null && wait <= TimeSpan.Zero) return first;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAny(changed, Task.Delay(wait, _time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        return null;
    }

    private async ValueTask<AcknowledgementReply> SendAsync(Waiting waiting)
    {
        var token = _stopping.Token;
        // Signed by a key that this delegation has replaced since: the relay's document may not name it any more.
        if (waiting.Said.KeyId != _identity.KeyId)
        {
            var old = waiting.Said;
            var draft = new AcknowledgementDraft { Id = old.Id, Digest = old.Digest, Reason = old.Reason, IssuedAt = old.IssuedAt };
            var anew = await Acknowledgement.SignAsync(draft, _identity, token).ConfigureAwait(false);
            await ChangeAsync(_ => (waiting.Said = anew) is not null, token).ConfigureAwait(false);
        }
        var reply = await _submitter.SendAsync(waiting.Said, token).ConfigureAwait(false);
        switch (reply.Kind)
        {
            case AcknowledgementReplyKind.NotNow:
                return reply;
            case AcknowledgementReplyKind.NotYet when _time.GetUtcNow() - waiting.Said.IssuedAt < GiveUpAfter:
                waiting.DueAt = _time.GetUtcNow() + PauseAfter(++waiting.Attempts);
                return reply;
            case AcknowledgementReplyKind.NotYet or AcknowledgementReplyKind.Logged or AcknowledgementReplyKind.Refused:
                break;
        }
        // First the receipt, then the end of what it is for: a kill between the two sends it once more, and it is answered the same.
        if (_settled is not null) await _settled(waiting.Said, reply, token).ConfigureAwait(false);
        await ChangeAsync(pending => pending.Remove(waiting), token).ConfigureAwait(false);
        return reply;
    }

    private async ValueTask<bool> ChangeAsync(Func<List<Waiting>, bool> change, CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var bytes = new ArrayBufferWriter<byte>();
            TaskCompletionSource changed;
            lock (_gate)
            {
                if (!change(_pending)) return false;
                foreach (var waiting in _pending)
                {
                    bytes.Write(waiting.Said.Bytes.Span);
                    bytes.Write("\n"u8);
                }
                (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            await _save(bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
            changed.SetResult();
            return true;
        }
        finally
        {
            _saving.Release();
        }
    }

    private int Look(out Task changed)
    {
        lock (_gate)
        {
            changed = _changed.Task;
            return _pending.Count;
        }
    }

    private static TimeSpan PauseAfter(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        return pause < LongestPause ? pause : LongestPause;
    }

    // Said is changed under the gate; the rest is the run's alone.
    private sealed class Waiting(Acknowledgement said, DateTimeOffset dueAt)
    {
        public Acknowledgement Said { get; set; } = said;

        public DateTimeOffset DueAt { get; set; } = dueAt;

        public int Attempts { get; set; }
    }
}
