using System.Globalization;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Relay.Testing.Amqp;

/// <summary>A pair of links to a request/response node; many requests may be under way at once.</summary>
public sealed class AmqpRequestLink : IAsyncDisposable
{
    private const uint ResponseCredit = 100;
    private const byte Settled = 1;

    private readonly string _replyTo = LinkLife.NewName();

    // Guards _pending. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource<AmqpMessage>> _pending = new(StringComparer.Ordinal);
    private AmqpSender _sender = null!;
    private AmqpReceiver _receiver = null!;
    private AmqpSession _session = null!;
    private AmqpError? _closedError;
    private long _lastId;

    private AmqpRequestLink()
    {
    }

    /// <summary>Completes, never faults, when either link is gone.</summary>
    public Task<AmqpError?> Closed { get; private set; } = null!;

    /// <summary>
    /// Sends a request and returns the response whose correlation-id is the request's message-id. Message-id and reply-to are set here.
    /// </summary>
    /// <param name="request">Application-properties and body; its Properties may be null.</param>
    /// <param name="state">State of the request's transfer, such as a <see cref="TransactionalState"/>; null is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AmqpException">A link went away before the response came.</exception>
    public async Task<AmqpMessage> RequestAsync(AmqpMessage request, DeliveryState? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = "request-" + Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var response = new TaskCompletionSource<AmqpMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_closedError is { } error)
            {
                throw new AmqpException(error);
            }

            _pending[id] = response;
        }

        try
        {
            var addressed = request with
            {
                Properties = (request.Properties ?? new MessageProperties()) with { MessageId = id, ReplyTo = _replyTo },
            };
            await _sender.SendSettledAsync(addressed.Encode(), 0, state, cancellationToken).ConfigureAwait(false);
            return await response.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _pending.Remove(id);
            }
        }
    }

    /// <summary>Ends the pair's session.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _sender.CloseAsync(cancellationToken).ConfigureAwait(false);
            await _receiver.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _session.End();
        }
    }

    /// <summary>Closes as <see cref="CloseAsync"/> does, waiting at most the close timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync().ConfigureAwait(false);
        await _receiver.DisposeAsync().ConfigureAwait(false);
        _session.End();
    }

    internal static async Task<AmqpRequestLink> OpenAsync(
        AmqpClientConnection connection, string address, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        var pair = new AmqpRequestLink { _session = await connection.BeginSessionAsync(cancellationToken).ConfigureAwait(false) };
        try
        {
            pair._sender = await connection.OpenSenderAsync(
                new AmqpSenderOptions { Target = new Target { Address = address }, SndSettleMode = Settled, Session = pair._session },
                cancellationToken).ConfigureAwait(false);
            pair._receiver = await connection.OpenReceiverAsync(
                new AmqpReceiverOptions
                {
                    Source = new Source { Address = address },
                    Target = new Target { Address = pair._replyTo },
                    SndSettleMode = Settled,
                    Session = pair._session,
                    OnDelivery = pair.OnResponse,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            pair._session.End();
            throw;
        }

        lock (pair._receiver.Link.Gate)
        {
            pair._receiver.Link.OpenCredit(ResponseCredit);
        }

        pair.Closed = pair.WatchAsync();
        return pair;
    }

    private async Task<AmqpError?> WatchAsync()
    {
        var gone = await Task.WhenAny(_sender.Closed, _receiver.Closed).ConfigureAwait(false);
        var error = await gone.ConfigureAwait(false);
        List<TaskCompletionSource<AmqpMessage>> unanswered;
        lock (_gate)
        {
            _closedError = error ?? new AmqpError(AmqpCondition.DetachForced, "The request link is closed.");
            unanswered = [.. _pending.Values];
        }

        foreach (var response in unanswered)
        {
            response.TrySetException(new AmqpException(_closedError));
        }

        return error;
    }

    private void OnResponse(AmqpReceiver receiver, in IncomingDelivery delivery)
    {
        if (!delivery.Settled)
        {
            receiver.SettleNow(delivery.DeliveryId, Accepted.Instance);
        }

        if (!AmqpMessage.TryDecode(delivery.Payload.ToArray(), out var message))
        {
            return;
        }

        var id = message.Properties?.CorrelationId switch { string text => text, AmqpSymbol symbol => symbol.Value, _ => null };
        TaskCompletionSource<AmqpMessage>? response = null;
        lock (_gate)
        {
            if (id is not null)
            {
                _pending.TryGetValue(id, out response);
            }
        }

        response?.TrySetResult(message);
    }
}
