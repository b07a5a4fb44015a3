using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Relay.Testing.Amqp;

/// <summary>Turns a client connection's events into tasks.</summary>
internal sealed class ClientHandler : IConnectionHandler
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AmqpError?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards _begins, also against a begin that is answered before its wait is registered. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<AmqpSession, TaskCompletionSource> _begins = [];

    public Task Opened => _opened.Task;

    public Task<AmqpError?> Closed => _closed.Task;

    public Task WaitForBeginAsync(AmqpSession session) => Begin(session).Task;

    public AmqpError? OnOpen(AmqpConnection connection)
    {
        _opened.TrySetResult();
        return null;
    }

    public void OnSessionBegin(AmqpSession session) => Begin(session).TrySetResult();

    public void OnSessionEnd(AmqpSession session, AmqpError? error)
    {
        Begin(session).TrySetException(new AmqpException(AmqpClientConnection.ClosedError(error)));
        lock (_gate)
        {
            _begins.Remove(session);
        }
    }

    public void OnAttach(AttachRequest request) => request.TryRefuse(new AmqpError(AmqpCondition.NotAllowed, "A client takes no links."));

    public void OnClosed(AmqpConnection connection, AmqpError? error)
    {
        _opened.TrySetException(new AmqpException(AmqpClientConnection.ClosedError(error)));
        _closed.TrySetResult(error);
    }

    private TaskCompletionSource Begin(AmqpSession session)
    {
        lock (_gate)
        {
            if (!_begins.TryGetValue(session, out var begin))
            {
                begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _begins[session] = begin;
            }

            return begin;
        }
    }
}
