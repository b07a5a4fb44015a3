using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// Lets a caller wait for an envelope's receipt: woken by the commit when it
/// happens in this process, else by looking again. Safe for concurrent use.
/// </summary>
/// <remarks>Bounded, because each that waits keeps its place among the requests that an instance takes at once.</remarks>
public sealed class ReceiptWaiters(TimeProvider time)
{
    /// <summary>
    /// Most callers that wait at once: 100, half of the requests that <c>host.json</c> lets in, so that the others are still answered.
    /// </summary>
    public const int MaxWaiting = 100;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<EnvelopeId, TaskCompletionSource<ReadOnlyMemory<byte>>> _waiting = [];
    private int _waits;

    /// <summary>Tells whoever waits in this process that an envelope is committed.</summary>
    /// <param name="id">The envelope.</param>
    /// <param name="receipt">Its receipt, tlog-proof text.</param>
    public void Tell(EnvelopeId id, ReadOnlyMemory<byte> receipt)
    {
        TaskCompletionSource<ReadOnlyMemory<byte>>? waiting;
        lock (_gate)
        {
            _waiting.Remove(id, out waiting);
        }

        waiting?.TrySetResult(receipt);
    }

    /// <summary>Notes the wait, so that a commit between now and <see cref="Wait.ReceiveAsync"/> is not missed.</summary>
    /// <returns>Null when <see cref="MaxWaiting"/> wait already.</returns>
    public Wait? TryBegin(EnvelopeId id)
    {
        lock (_gate)
        {
            if (_waits >= MaxWaiting) return null;
            _waits++;
            if (!_waiting.TryGetValue(id, out var source))
            {
                _waiting[id] = source = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return new Wait(this, id, source.Task);
        }
    }

    private void End(EnvelopeId id)
    {
        lock (_gate)
        {
            _waits--;
            _waiting.Remove(id);
        }
    }

    /// <summary>One caller's wait; dispose it.</summary>
    public sealed class Wait : IDisposable
    {
        private readonly ReceiptWaiters _owner;
        private readonly EnvelopeId _id;
        private readonly Task<ReadOnlyMemory<byte>> _told;
        private bool _isOver;

        internal Wait(ReceiptWaiters owner, EnvelopeId id, Task<ReadOnlyMemory<byte>> told)
        {
            _owner = owner;
            _id = id;
            _told = told;
        }

        /// <summary>Waits for the receipt.</summary>
        /// <param name="reader">Where to look again.</param>
        /// <param name="digest">Digest of the envelope that was submitted: the receipt of another under the same id is none.</param>
        /// <param name="longest">Longest wait; positive.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        /// <returns>The receipt; null when the time is over.</returns>
        public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(
            LedgerReader reader, Digest digest, TimeSpan longest, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(reader);
            using var deadline = new CancellationTokenSource(longest, _owner.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            var pause = FirstLook;
            try
            {
                while (true)
                {
                    if (await PauseAsync(pause, linked.Token).ConfigureAwait(false) is { } told && IsOf(told, digest)) return told;
                    var read = await reader.ReceiptAsync(_id, linked.Token).ConfigureAwait(false);
                    if (read.IsFound && IsOf(read.Value.Content, digest)) return read.Value.Content;
                    pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
                }
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isOver, true)) _owner.End(_id);
        }

        private static bool IsOf(ReadOnlyMemory<byte> receipt, Digest digest) =>
            Protocol.Ledger.Receipt.TryParse(receipt, out var read, out _, out _) && read.Entry.Digest == digest;

        private async ValueTask<ReadOnlyMemory<byte>?> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
        {
            if (!_told.IsCompleted)
            {
                // The delay is ended when the commit came first: a timer each would pile up under load.
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var delay = Task.Delay(pause, _owner.Time, stop.Token);
                var first = await Task.WhenAny(_told, delay).ConfigureAwait(false);
                await stop.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                return first == _told ? await _told.ConfigureAwait(false) : null;
            }

            await Task.Delay(pause, _owner.Time, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private TimeProvider Time { get; } = time;
}
