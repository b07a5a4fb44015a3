using Relay.Protocol.Envelopes;
using Relay.Simulation.Tests.Kernel;

namespace Relay.Simulation.Tests.Bus;

/// <summary>A queue with locks and redelivery, and topics: what Service Bus promises and no more. Order is by chance.</summary>
internal sealed class SimBus(SimKernel kernel)
{
    private static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);

    private readonly List<Message> _waiting = [];
    private readonly Dictionary<long, Message> _locked = [];
    private int _scheduled;
    private long _lastLock;
    private bool _pumping;

    /// <summary>Who takes messages; each returns false while it is full or dead.</summary>
    public List<Func<Delivery, bool>> Receivers { get; } = [];

    public List<(byte[] Body, string Reason)> DeadLetters { get; } = [];

    /// <summary>Every body whose message was completed.</summary>
    public List<byte[]> Completed { get; } = [];

    /// <summary>Is told of each message that a topic gets.</summary>
    public Action<string, Forwarded>? Arrived { get; set; }

    public Dictionary<string, List<Forwarded>> Topics { get; } = new(StringComparer.Ordinal);

    /// <summary>Deliveries so far, for the measure of a run.</summary>
    public int Deliveries { get; private set; }

    /// <summary>The bus's clock.</summary>
    public DateTimeOffset Now => kernel.Now;

    public bool IsEmpty => _waiting.Count == 0 && _locked.Count == 0 && _scheduled == 0;

    /// <summary>Puts a message on the queue, visible after a delay.</summary>
    public void Enqueue(byte[] body, int attempt, TimeSpan delay)
    {
        _scheduled++;
        kernel.After(delay, () =>
        {
            _scheduled--;
            _waiting.Add(new Message(body, attempt, kernel.Now));
            PumpSoon();
        });
    }

    /// <returns>False when the lock is lost.</returns>
    public bool Complete(long lockToken)
    {
        if (!_locked.Remove(lockToken, out var message)) return false;
        Completed.Add(message.Body);
        return true;
    }

    /// <returns>False when the lock is lost.</returns>
    public bool DeadLetter(long lockToken, string reason)
    {
        if (!_locked.Remove(lockToken, out var message)) return false;
        DeadLetters.Add((message.Body, reason));
        return true;
    }

    /// <summary>Gives a message back; nothing when the lock is lost.</summary>
    public void Abandon(long lockToken)
    {
        if (!_locked.Remove(lockToken, out var message)) return;
        _waiting.Add(message);
        PumpSoon();
    }

    public void Publish(string topic, Forwarded message)
    {
        if (!Topics.TryGetValue(topic, out var messages)) Topics[topic] = messages = [];
        messages.Add(message);
        Arrived?.Invoke(topic, message);
    }

    /// <summary>Looks for somebody who takes what waits.</summary>
    public void PumpSoon()
    {
        if (_pumping) return;
        _pumping = true;
        kernel.After(kernel.Between(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(10)), () =>
        {
            _pumping = false;
            while (_waiting.Count > 0 && DeliverOne())
            {
            }
        });
    }

    private bool DeliverOne()
    {
        var index = kernel.Random.Next(_waiting.Count);
        var message = _waiting[index];
        var token = ++_lastLock;
        _waiting.RemoveAt(index);
        _locked[token] = message;
        var first = Receivers.Count == 0 ? 0 : kernel.Random.Next(Receivers.Count);
        for (var i = 0; i < Receivers.Count; i++)
        {
            if (!Receivers[(first + i) % Receivers.Count](new Delivery(token, message.Body, message.Attempt, message.EnqueuedAt))) continue;
            Deliveries++;
            kernel.After(LockDuration, () => Abandon(token));
            return true;
        }

        _locked.Remove(token);
        _waiting.Add(message);
        return false;
    }

    internal sealed record Message(byte[] Body, int Attempt, DateTimeOffset EnqueuedAt);

    /// <param name="LockToken">Settles it.</param>
    /// <param name="Body">The envelope.</param>
    /// <param name="Attempt">Which copy it is.</param>
    /// <param name="EnqueuedAt">When it became visible, by the bus's clock.</param>
    internal sealed record Delivery(long LockToken, byte[] Body, int Attempt, DateTimeOffset EnqueuedAt);

    internal sealed record Forwarded(EnvelopeId Id, byte[] Body, long Index, byte[] Receipt, DateTimeOffset At);
}
