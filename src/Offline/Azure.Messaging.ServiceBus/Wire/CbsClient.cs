using Relay.Amqp.Client;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Puts the tokens of one connection on its <c>$cbs</c> node and renews them while the connection lives.</summary>
internal sealed class CbsClient : IAsyncDisposable
{
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromMinutes(7);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(30);
    private const int LongestJitterMs = 30_000;

    private readonly AmqpRequestLink _link;
    private readonly TokenSource _tokens;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewals;

    // Guards _renewAt, when the token of each audience is due. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _renewAt = new(StringComparer.OrdinalIgnoreCase);

    // Released when a first audience came in, or an earlier one, for the loop to look again.
    private readonly SemaphoreSlim _changed = new(0, 1);

    private CbsClient(AmqpRequestLink link, TokenSource tokens, TimeProvider time)
    {
        _link = link;
        _tokens = tokens;
        _time = time;
        _renewals = RenewAsync(_stop.Token);
    }

    /// <summary>Opens the node's links.</summary>
    public static async Task<CbsClient> OpenAsync(AmqpClientConnection connection, TokenSource tokens, TimeProvider time, CancellationToken cancellationToken) =>
        new(await connection.OpenRequestLinkAsync("$cbs", cancellationToken).ConfigureAwait(false), tokens, time);

    /// <summary>Has the service accept a token for an audience, unless it already did on this connection.</summary>
    /// <exception cref="UnauthorizedAccessException">The token was refused.</exception>
    public async Task AuthorizeAsync(string audience, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_renewAt.ContainsKey(audience))
            {
                return;
            }
        }

        var expiresAt = await PutTokenAsync(audience, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _renewAt[audience] = RenewalOf(expiresAt);
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewals.ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task<DateTimeOffset> PutTokenAsync(string audience, CancellationToken cancellationToken)
    {
        var token = await _tokens.GetTokenAsync(audience, cancellationToken).ConfigureAwait(false);
        var response = await _link.RequestAsync(
            new AmqpMessage
            {
                ApplicationProperties = new AmqpMap
                {
                    { "operation", "put-token" },
                    { "type", token.Type },
                    { "name", audience },
                    { "expiration", token.ExpiresAt.UtcDateTime },
                },
                BodyKind = BodyKind.Value,
                Value = token.Value,
            },
            null, cancellationToken).ConfigureAwait(false);
        return RequestFailure.OfPutToken(response, audience) is { } failure ? throw failure : token.ExpiresAt;
    }

    private DateTimeOffset RenewalOf(DateTimeOffset expiresAt)
    {
        var now = _time.GetUtcNow();
        var latest = expiresAt - BeforeExpiry - TimeSpan.FromMilliseconds(Random.Shared.Next(LongestJitterMs));
        return latest > now + LeastInterval ? latest : now + LeastInterval;
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (Next() is not { } next)
                {
                    await _changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                var wait = next.At - _time.GetUtcNow();
                if (wait > TimeSpan.Zero && await ChangedWithinAsync(wait, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                var renewal = await TryRenewAsync(next.Audience, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    _renewAt[next.Audience] = renewal;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (AmqpException)
        {
            // The links are gone, and with them the connection: the next one authorizes anew.
        }
    }

    private (string Audience, DateTimeOffset At)? Next()
    {
        lock (_gate)
        {
            return _renewAt.Count == 0 ? null : _renewAt.Select(pair => (pair.Key, pair.Value)).MinBy(pair => pair.Value);
        }
    }

    // True when an audience came in before the time was up.
    private async Task<bool> ChangedWithinAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(wait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _changed.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // When to renew next. A refusal, or a credential that fails, is tried again until the service ends the links itself.
    private async Task<DateTimeOffset> TryRenewAsync(string audience, CancellationToken cancellationToken)
    {
        try
        {
            return RenewalOf(await PutTokenAsync(audience, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or AmqpException))
        {
            return _time.GetUtcNow() + AfterFailure;
        }
    }
}
