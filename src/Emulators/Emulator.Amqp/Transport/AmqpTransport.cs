using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Transport;

/// <summary>
/// Moves bytes between a stream and a connection: one read loop, and one flush at a time that writes all that gathered since the last.
/// </summary>
internal sealed class AmqpTransport : IThreadPoolWorkItem, IDisposable
{
    private const int FirstReadBuffer = 2048;
    private const int LargestReadBuffer = 64 * 1024;
    private const int KeptWriteBuffer = 128 * 1024;

    // Beyond this many times the high water mark nothing more is read, so that a peer that only talks cannot fill memory with our answers.
    private const int PauseFactor = 4;

    private readonly AmqpConnection _connection;
    private readonly Stream _stream;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abort = new();

    // How long, and how much of, what a peer goes on saying after the end is listened to.
    private const long MaxAfterEnd = 16 * 1024 * 1024;
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(2);

    // Owned by whoever flushes: the connection lets one flush run at a time.
    private AmqpWriter _writing = new(FirstReadBuffer);
    private volatile Task _flush = Task.CompletedTask;
    private Task _aborting = Task.CompletedTask;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstReadBuffer);
    private int _length;
    private Exception? _writeFailure;

    public AmqpTransport(AmqpConnection connection, Stream stream)
    {
        _connection = connection;
        _stream = stream;
        _logger = connection.Options.LoggerFactory.CreateLogger<AmqpTransport>();
        connection.Output.ScheduleFlush = () => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        connection.AbortTransport = Abort;
    }

    /// <summary>Runs until the connection is over; never throws. Disposes the stream.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        AmqpError? error;
        var timer = StartTimer();
        await using (timer.ConfigureAwait(false))
        {
            using var registration = cancellationToken.UnsafeRegister(static transport => ((AmqpTransport)transport!).Abort(), this);
            error = await ReadAsync().ConfigureAwait(false);
            await LastFlushAsync().ConfigureAwait(false);
            _connection.Timers.Rearm = null;
            if (error is null) await HearOutAsync().ConfigureAwait(false);
        }

        await DisposeStreamAsync().ConfigureAwait(false);
        FinishConnection(error);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Starts the flush that <see cref="ConnectionOutput.Wake"/> asked for.</summary>
    void IThreadPoolWorkItem.Execute() => _flush = FlushAsync();

    public void Dispose()
    {
        _abort.Dispose();
        _writing.Dispose();
    }

    private ITimer StartTimer()
    {
        ITimer? timer = null;
        timer = _connection.Options.TimeProvider.CreateTimer(
            _ => Volatile.Read(ref timer)?.Change(_connection.Timers.Tick(), Timeout.InfiniteTimeSpan), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _connection.Timers.Rearm = after => timer.Change(after, Timeout.InfiniteTimeSpan);
        timer.Change(_connection.Timers.Tick(), Timeout.InfiniteTimeSpan);
        return timer;
    }

    private async Task<AmqpError?> ReadAsync()
    {
        try
        {
            _connection.Handshake.Start();
            while (!_connection.IsFinished)
            {
                MakeRoom();
                var free = _buffer.Length - _length;
                var read = await _stream.ReadAsync(_buffer.AsMemory(_length), _abort.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    return new AmqpError(AmqpCondition.ConnectionForced, "The peer ended the transport without a close.");
                }

                _length += read;
                TakeBatch();
                if (read == free && _buffer.Length < LargestReadBuffer)
                {
                    Resize(_buffer.Length * 4);
                }

                while (_connection.Output.PendingBytes > PauseFactor * (long)_connection.Options.OutputHighWaterBytes
                    && !_abort.IsCancellationRequested)
                {
                    await _flush.ConfigureAwait(false);
                    await Task.Yield();
                }
            }

            return null;
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            var cause = (_writeFailure ?? exception).GetBaseException();
            return new AmqpError(
                AmqpCondition.ConnectionForced,
                cause is OperationCanceledException ? "The transport was dropped." : $"The transport failed: {cause.Message}");
        }
        catch (Exception exception)
        {
            AmqpLog.HandlerFailed(_logger, exception, _connection.RemoteEndpoint);
            _connection.Close(new AmqpError(AmqpCondition.InternalError, "The connection failed for a reason on this side."));
            return null;
        }
    }

    private void TakeBatch()
    {
        bool flush;
        int taken;
        lock (_connection.Gate)
        {
            _connection.Output.BeginBatch();
        }

        try
        {
            taken = _connection.Dispatcher.Receive(_buffer.AsSpan(0, _length));
        }
        finally
        {
            lock (_connection.Gate)
            {
                flush = _connection.Output.EndBatch();
            }

            if (flush)
            {
                _flush = FlushAsync();
            }
        }

        _length -= taken;
        if (_length > 0 && taken > 0)
        {
            Buffer.BlockCopy(_buffer, taken, _buffer, 0, _length);
        }
    }

    private async Task FlushAsync()
    {
        try
        {
            while (TryTake())
            {
                _connection.Timers.WriteStarts();
                var write = _stream.WriteAsync(_writing.WrittenMemory, _abort.Token);
                if (!write.IsCompleted)
                {
                    Refill();
                }

                await write.ConfigureAwait(false);
                _connection.Timers.WriteEnds();
                _writing.Clear();
                if (_writing.Capacity > KeptWriteBuffer)
                {
                    _writing.Dispose();
                }

                Refill();
            }
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            _writeFailure ??= exception;
            Abort();
        }
        catch (Exception exception)
        {
            AmqpLog.HandlerFailed(_logger, exception, _connection.RemoteEndpoint);
            Abort();
        }
    }

    private bool TryTake()
    {
        lock (_connection.Gate)
        {
            return _connection.Output.TryTake(ref _writing);
        }
    }

    // The output has room again; what comes now is written in the next turn.
    private void Refill()
    {
        _connection.ContinueOutgoing();
        _connection.NotifyBlocked();
    }

    private async Task LastFlushAsync()
    {
        while (!_abort.IsCancellationRequested)
        {
            await _flush.ConfigureAwait(false);
            bool flush;
            lock (_connection.Gate)
            {
                flush = _connection.Output.EndBatch();
                if (!flush && _connection.Output.IsEmpty)
                {
                    return;
                }
            }

            if (flush)
            {
                _flush = FlushAsync();
            }
            else
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>
    /// Reads and forgets what the peer still sends after our close: a socket that is closed with unread bytes resets the connection, and
    /// the peer loses our last words with it, be they the answer to its own close or the reason why we close.
    /// </summary>
    /// <remarks>RFC 1122 section 4.2.2.13; RFC 9112 section 9.6 for the same in HTTP.</remarks>
    private async Task HearOutAsync()
    {
        if (_stream is not NetworkStream network) return;
        try
        {
            network.Socket.Shutdown(SocketShutdown.Send);
            using var deadline = new CancellationTokenSource(AfterEnd, _connection.Options.TimeProvider);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _abort.Token);
            for (var left = MaxAfterEnd; left > 0;)
            {
                var read = await network.ReadAsync(_buffer, linked.Token).ConfigureAwait(false);
                if (read == 0) return;
                left -= read;
            }
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It is over all the same.
        }
    }

    private async Task DisposeStreamAsync()
    {
        try
        {
            await _flush.ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
            await _aborting.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            _writeFailure ??= exception;
        }
    }

    private void FinishConnection(AmqpError? error)
    {
        try
        {
            _connection.Finish(error);
        }
        catch (Exception exception)
        {
            AmqpLog.HandlerFailed(_logger, exception, _connection.RemoteEndpoint);
        }

        AmqpLog.ConnectionOver(_logger, _connection.RemoteEndpoint, error);
    }

    // Cancelling runs the read loop's continuation: not on a thread that may hold locks of the handler's.
    private void Abort()
    {
        try
        {
            if (!_abort.IsCancellationRequested)
            {
                _aborting = _abort.CancelAsync();
            }
        }
        catch (ObjectDisposedException)
        {
            // The transport was over before.
        }
    }

    private void MakeRoom()
    {
        var needed = Math.Max(_connection.Dispatcher.Needed, _length + 1);
        if (_buffer.Length < needed)
        {
            Resize(needed);
        }
    }

    private void Resize(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Buffer.BlockCopy(_buffer, 0, larger, 0, _length);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
