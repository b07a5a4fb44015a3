using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Relay.Testing.Amqp;

/// <summary>Opening and closing of a client's link and, where it has one of its own, its session.</summary>
internal sealed class LinkLife(bool ownsSession)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AmqpError?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AmqpLink? _link;

    public Task<AmqpError?> Closed => _closed.Task;

    /// <summary>What to throw when the link is gone; null while it is not.</summary>
    public AmqpError? ClosedError { get; private set; }

    public static string NewName() => Guid.NewGuid().ToString("N");

    /// <exception cref="AmqpException">The session gave no link.</exception>
    public void Attached(AmqpLink? link) => _link = link
        ?? throw new AmqpException(new AmqpError(AmqpCondition.IllegalState, "The session is over or has no free handle."));

    public void OnOpened() => _opened.TrySetResult();

    public void OnDetached(in LinkClosure closure)
    {
        ClosedError = closure.Error ?? new AmqpError(
            closure.Scope == ClosureScope.Connection ? AmqpCondition.ConnectionForced : AmqpCondition.DetachForced,
            $"The {closure.Scope} was closed{(closure.ByPeer ? " by the peer" : "")}.");
        _opened.TrySetException(new AmqpException(ClosedError));
        _closed.TrySetResult(closure.Error);
    }

    public async Task WaitForOpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _link!.Detach();
            EndSession();
            throw;
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _link!.Detach();
        try
        {
            await _closed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndSession();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var options = _link!.Session.Connection.Options;
        using var timeout = new CancellationTokenSource(options.CloseTimeout, options.TimeProvider);
        try
        {
            await CloseAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // The peer does not answer; the session or connection goes on without the link.
        }
    }

    private void EndSession()
    {
        if (ownsSession)
        {
            _link!.Session.End();
        }
    }
}
