using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Relay.Benchmarks.Pressure;

/// <summary>Takes whatever reaches the addressee, and keeps when each first came.</summary>
internal sealed class Arrivals : IAsyncDisposable
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _at = new();
    private readonly ServiceBusReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _repeats;

    public Arrivals(ServiceBusClient bus, TimeProvider time)
    {
        _time = time;
        _receiver = bus.CreateReceiver(
            $"delegation-{BenchNegotiation.Addressee}", "inbox", new ServiceBusReceiverOptions { PrefetchCount = 1_000 });
        _running = RunAsync(_stop.Token);
    }

    /// <summary>How many came, each counted once.</summary>
    public int Count => _at.Count;

    /// <summary>How many came again.</summary>
    public int Repeats => Volatile.Read(ref _repeats);

    /// <summary>When it came.</summary>
    public DateTimeOffset this[string id] => _at[id];

    /// <summary>How many of these came until then.</summary>
    public int CountOf(IEnumerable<PressedEnvelope> envelopes, DateTimeOffset until) =>
        envelopes.Count(envelope => _at.TryGetValue(envelope.Id, out var at) && at <= until);

    /// <summary>Waits until all of these have come.</summary>
    /// <exception cref="TimeoutException">They have not come in time.</exception>
    public async Task WaitAsync(IReadOnlyCollection<PressedEnvelope> envelopes, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        foreach (var (_, id) in envelopes)
        {
            while (!_at.ContainsKey(id))
            {
                if (_running.IsFaulted) await _running;
                if (_time.GetElapsedTime(started) > patience)
                {
                    var came = envelopes.Count(envelope => _at.ContainsKey(envelope.Id));
                    throw new TimeoutException($"expected {envelopes.Count} envelopes within {patience:c}, {came} came");
                }

                await Task.Delay(Look, _time, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _receiver.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var messages = await _receiver.ReceiveMessagesAsync(AtOnce, TimeSpan.FromSeconds(5), cancellationToken);
            var now = _time.GetUtcNow();
            foreach (var message in messages)
            {
                if (!_at.TryAdd(message.MessageId, now)) Interlocked.Increment(ref _repeats);
            }

            await Task.WhenAll(messages.Select(message => _receiver.CompleteMessageAsync(message, cancellationToken)));
        }
    }
}

/// <summary>An envelope and how its message is called on a topic.</summary>
/// <param name="Wire">Its bytes.</param>
/// <param name="Id">The message id there: base64url of its digest.</param>
internal sealed record PressedEnvelope(byte[] Wire, string Id);
