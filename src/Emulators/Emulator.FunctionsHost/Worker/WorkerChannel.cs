using System.Collections.Concurrent;
using System.Threading.Channels;
using Emulator.FunctionsHost.Protocol;
using Grpc.Core;
using RunningInvocation = System.Threading.Tasks.TaskCompletionSource<Emulator.FunctionsHost.Protocol.InvocationResponse>;

namespace Emulator.FunctionsHost.Worker;

/// <summary>
/// The stream of one worker. Any thread sends; one loop writes and one reads, and the reader never waits for whoever handles what it read.
/// Once ended, by either side, everything that waits fails, and so does everything asked later.
/// </summary>
internal sealed class WorkerChannel : IDisposable
{
    // Senders wait when the worker does not read: what runs is bounded by the triggers, so this is a second fence.
    private const int OutgoingCapacity = 1_024;

    private readonly TimeProvider _time;
    private readonly WorkerLogs _logs;
    private readonly Channel<StreamingMessage> _outgoing =
        Channel.CreateBounded<StreamingMessage>(
            new BoundedChannelOptions(OutgoingCapacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunningInvocation> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<WorkerException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();

    // Guards _isClosed, and that nothing is cancelled once it is disposed.
    private readonly Lock _gate = new();
    private bool _isClosed;

    public WorkerChannel(string workerId, WorkerLogs logs, TimeProvider time)
    {
        WorkerId = workerId;
        _logs = logs;
        _time = time;
    }

    /// <summary>The name the worker gives at the start of its stream.</summary>
    public string WorkerId { get; }

    /// <summary>Done when the worker has opened its stream; fails when it ended before.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Done, with the reason, when the stream has ended. Never fails.</summary>
    public Task<WorkerException> Ended => _ended.Task;

    /// <summary>How many invocations failed with the stream's end; 0 before.</summary>
    public int Lost { get; private set; }

    /// <summary>Whether the worker wants to be told of cancellations; set when it has said so.</summary>
    public bool TakesCancel { get; set; }

    /// <summary>Serves the stream until either side ends it.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<StreamingMessage> reader, IAsyncStreamWriter<StreamingMessage> writer, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        _opened.TrySetResult();
        var writing = WriteAsync(writer, linked.Token);
        try
        {
            while (await reader.MoveNext(linked.Token).ConfigureAwait(false))
            {
                Take(reader.Current);
            }

            End(new WorkerException("it closed its stream"));
        }
        catch (Exception exception) when (
            exception is IOException or OperationCanceledException or InvalidOperationException or Grpc.Core.RpcException)
        {
            End(new WorkerException("its stream broke", exception));
        }

        await writing.ConfigureAwait(false);
    }

    /// <summary>Sends a request and awaits its answer.</summary>
    /// <param name="what">For the error.</param>
    /// <exception cref="WorkerException">No answer within <paramref name="limit"/>, or the stream has ended.</exception>
    public async Task<StreamingMessage> AskAsync(StreamingMessage request, string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        // The answer is found by it.
        request.RequestId = Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request.RequestId] = answer;
        using var timeout = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await SendAsync(request, linked.Token).ConfigureAwait(false);
            return await answer.Task.WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new WorkerException($"the worker did not answer {what} within {limit}");
        }
        finally
        {
            _asked.TryRemove(request.RequestId, out _);
        }
    }

    /// <summary>Sends an invocation and awaits its response, whatever that says.</summary>
    /// <param name="cancellationToken">Before it is sent: gives up. After: tells
    /// the worker, and goes on waiting for how the function ends.</param>
    /// <exception cref="WorkerException">The stream has ended.</exception>
    public async Task<InvocationResponse> InvokeAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        var running = new RunningInvocation(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_running.TryAdd(request.InvocationId, running))
        {
            throw new InvalidOperationException($"Invocation {request.InvocationId} runs already.");
        }
        try
        {
            await SendAsync(new StreamingMessage { InvocationRequest = request }, cancellationToken).ConfigureAwait(false);
            try
            {
                return await running.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && TakesCancel)
            {
                var cancel = new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = request.InvocationId } };
                await SendAsync(cancel, CancellationToken.None).ConfigureAwait(false);
                return await running.Task.ConfigureAwait(false);
            }
        }
        finally
        {
            _running.TryRemove(request.InvocationId, out _);
        }
    }

    /// <summary>Sends what has no answer.</summary>
    /// <exception cref="WorkerException">The stream has ended; nothing was sent.</exception>
    public async Task SendAsync(StreamingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _outgoing.Writer.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            var reason = await _ended.Task.ConfigureAwait(false);
            throw new WorkerException(reason.Message, reason) { NeverSent = true };
        }
    }

    /// <summary>Ends the stream, from this side or because the other has. The first reason counts.</summary>
    public void End(WorkerException reason)
    {
        // In this order: whoever enters now finds the writer closed, whoever was in before is found below.
        if (!_outgoing.Writer.TryComplete()) return;
        Lost = _running.Count;
        _ended.SetResult(reason);
        _opened.TrySetException(reason);
        foreach (var answer in _asked.Values)
        {
            answer.TrySetException(reason);
        }

        foreach (var running in _running.Values)
        {
            running.TrySetException(reason);
        }

        Close();
    }

    public void Dispose()
    {
        End(new WorkerException("the host let go of it"));
        // Whoever ended it first may not have come to closing it yet.
        lock (_gate)
        {
            Close();
            _isClosed = true;
            _closing.Dispose();
        }
    }

    // Again, if need be.
    private void Close()
    {
        lock (_gate)
        {
            if (!_isClosed) _closing.Cancel();
        }
    }

    private async Task WriteAsync(IAsyncStreamWriter<StreamingMessage> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (
            exception is IOException or OperationCanceledException or InvalidOperationException or Grpc.Core.RpcException)
        {
            End(new WorkerException("its stream broke", exception));
        }
    }

    private void Take(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.RpcLog:
                _logs.Add(message.RpcLog, _running.ContainsKey(message.RpcLog.InvocationId));
                break;
            case StreamingMessage.ContentOneofCase.InvocationResponse:
                if (_running.TryGetValue(message.InvocationResponse.InvocationId, out var running))
                {
                    running.TrySetResult(message.InvocationResponse);
                }
                break;
            case StreamingMessage.ContentOneofCase.None:
                // So the .NET worker answers cancel and terminate, and all that this host does not know looks the same.
                break;
            default:
                if (_asked.TryGetValue(message.RequestId, out var answer)) answer.TrySetResult(message);
                break;
        }
    }
}
