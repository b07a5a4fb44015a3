using System.Collections.Concurrent;
using System.Globalization;
using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// Counters kept as the states of sessions, each by one client at a time: a state that was confirmed is there ever after, until the next.
/// </summary>
internal sealed class SessionStates(string queue, ConcurrentQueue<string> violations)
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new();

    /// <summary>States whose storing was confirmed.</summary>
    public int Confirmed => _counters.Values.Sum(static counter => counter.Confirmed);

    /// <summary>Holds the session, checks its state, and counts on until the broker is gone.</summary>
    public async Task CountAsync(ServiceBusClient client, string id, CancellationToken stop)
    {
        var counter = _counters.GetOrAdd(id, static _ => new Counter());
        await using var session = await client.AcceptSessionAsync(queue, id, cancellationToken: stop);
        await CheckAsync(session, counter);
        while (!stop.IsCancellationRequested)
        {
            counter.Asked++;
            await session.SetSessionStateAsync(BinaryData.FromString(counter.Asked.ToString(CultureInfo.InvariantCulture)), stop);
            counter.Confirmed = counter.Asked;
        }
    }

    /// <summary>Compares with what the queue holds in the end.</summary>
    public async Task CheckAsync(ServiceBusClient client, CancellationToken cancellationToken)
    {
        foreach (var (id, counter) in _counters)
        {
            await using var session = await client.AcceptSessionAsync(queue, id, cancellationToken: cancellationToken);
            await CheckAsync(session, counter);
        }
    }

    private async Task CheckAsync(ServiceBusSessionReceiver session, Counter counter)
    {
        var state = await session.GetSessionStateAsync();
        var found = state is null ? 0 : int.Parse(state.ToString(), CultureInfo.InvariantCulture);
        if (found < counter.Confirmed || found > counter.Asked)
        {
            violations.Enqueue(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"session {session.SessionId} has state {found}, expected {counter.Confirmed} to {counter.Asked}"));
        }

        // What is found is what counts from here on: an older one must not come back.
        counter.Confirmed = counter.Asked = found;
    }

    private sealed class Counter
    {
        public int Asked { get; set; }

        public int Confirmed { get; set; }
    }
}
