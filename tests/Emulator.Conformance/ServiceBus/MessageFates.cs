using System.Collections.Concurrent;
using System.Text;
using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// What clients were told about each message, and the rules that must hold
/// whatever was killed when. It knows nothing of how a broker works.
/// </summary>
internal sealed class MessageFates
{
    private readonly ConcurrentDictionary<string, Fate> _fates = new();

    public enum Ending
    {
        None,
        Completed,
        Deferred,
        DeadLettered,
    }

    /// <summary>What broke a rule, in words.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    public int Accepted => _fates.Values.Count(fate => fate.IsAccepted);

    public int Count(Ending ending) => _fates.Values.Count(fate => fate.Confirmed == ending);

    public ServiceBusMessage New(string id, int size)
    {
        _fates[id] = new Fate();
        return new ServiceBusMessage(Body(id, size)) { MessageId = id };
    }

    /// <summary>
    /// Before it is sent: it may be delivered from this time on, and not
    /// earlier. Whole milliseconds, as on the wire: the rest is cut off there.
    /// </summary>
    public void OnScheduling(string id, DateTimeOffset due) =>
        _fates[id].DueTicks = due.UtcTicks - due.UtcTicks % TimeSpan.TicksPerMillisecond;

    public void OnAccepted(string id) => _fates[id].IsAccepted = true;

    public void OnDelivered(ServiceBusReceivedMessage message)
    {
        if (!_fates.TryGetValue(message.MessageId, out var fate))
        {
            Violations.Enqueue($"{message.MessageId} was delivered but never sent");
            return;
        }

        if (fate.Confirmed != Ending.None)
        {
            Violations.Enqueue(
                $"{message.MessageId} was delivered (count {message.DeliveryCount}) after it was confirmed as {fate.Confirmed}");
        }
        if (fate.DueTicks > TimeProvider.System.GetUtcNow().UtcTicks)
        {
            Violations.Enqueue($"{message.MessageId} was delivered before its time");
        }
        CheckBody(message);
    }

    public void OnAsked(string id, Ending ending) => _fates[id].Asked = ending;

    public void OnConfirmed(string id, Ending ending) => _fates[id].Confirmed = ending;

    /// <summary>Compares with what a namespace holds in the end.</summary>
    public void Check(IReadOnlyList<ServiceBusReceivedMessage> inQueue, IReadOnlyList<ServiceBusReceivedMessage> inDeadLetters)
    {
        var places = new Dictionary<string, string>();
        foreach (var message in inQueue)
        {
            Note(message, message.State.ToString());
        }

        foreach (var message in inDeadLetters)
        {
            Note(message, "dead-lettered");
        }

        foreach (var (id, fate) in _fates)
        {
            var place = places.GetValueOrDefault(id, "gone");
            string[] allowed = fate switch
            {
                { Confirmed: Ending.Completed } => ["gone"],
                { Confirmed: Ending.Deferred } => ["Deferred"],
                { Confirmed: Ending.DeadLettered } => ["dead-lettered"],

                // Nothing was promised: it may have been delivered, and asked to be settled, and yet be forgotten.
                { IsAccepted: false } => ["gone", "Active", "Scheduled", "Deferred", "dead-lettered"],
                { Asked: Ending.None, DueTicks: > 0 } =>
                    fate.DueTicks > TimeProvider.System.GetUtcNow().UtcTicks ? ["Scheduled"] : ["Scheduled", "Active"],
                { Asked: Ending.Completed } => ["gone", "Active"],
                { Asked: Ending.Deferred } => ["Deferred", "Active"],
                { Asked: Ending.DeadLettered } => ["dead-lettered", "Active"],
                _ => ["Active"],
            };
            if (!allowed.Contains(place)) Violations.Enqueue($"{id} is {place}, expected {string.Join(" or ", allowed)}: {fate}");
        }

        void Note(ServiceBusReceivedMessage message, string place)
        {
            CheckBody(message);
            if (!_fates.ContainsKey(message.MessageId)) Violations.Enqueue($"{message.MessageId} is {place} but was never sent");
            if (!places.TryAdd(message.MessageId, place))
            {
                Violations.Enqueue($"{message.MessageId} is there twice: {places[message.MessageId]} and {place}");
            }
        }
    }

    private void CheckBody(ServiceBusReceivedMessage message)
    {
        var body = message.Body.ToMemory();
        if (!body.Span.SequenceEqual(Body(message.MessageId, body.Length)))
        {
            Violations.Enqueue($"{message.MessageId} has another body than was sent");
        }
    }

    // The id over and over, so that bodies cannot be mixed up unseen.
    private static byte[] Body(string id, int size)
    {
        var pattern = Encoding.UTF8.GetBytes(id + ".");
        var body = new byte[size];
        for (var index = 0; index < size; index++)
        {
            body[index] = pattern[index % pattern.Length];
        }

        return body;
    }

    private sealed record Fate
    {
        public volatile bool IsAccepted;

        /// <summary>When it may be delivered first; 0 for at once. Set before it is sent.</summary>
        public long DueTicks;

        /// <summary>The last settlement that was asked for; None after an abandon.</summary>
        public volatile Ending Asked;
        public volatile Ending Confirmed;
    }
}
