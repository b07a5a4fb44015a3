using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Relay.Azure.Bus;

namespace Relay.DeadLetters;

/// <summary>
/// Tells the head of the operators' log on the topic <c>signals</c> with every act: what subscribers have seen, no operator takes back.
/// </summary>
internal sealed class OperatorWitness(ServiceBusClient client) : IAsyncDisposable
{
    private const string Kind = "operator-log";
    private const string Subscription = "all";
    private const int AtOnce = 250;

    private readonly ServiceBusSender _sender = client.CreateSender(BusEntities.SignalsTopic);

    /// <summary>Durable when it returns.</summary>
    public async Task TellAsync(OperatorLogEntry newest, OperatorLogHead head, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new OperatorSignal(Kind, newest.Run, newest.Count, newest.At.ToUnixTimeMilliseconds(), head.ToString()),
            OperatorSignalJson.Default.OperatorSignal);
        await _sender.SendMessageAsync(
            new ServiceBusMessage(body) { Subject = Kind, ContentType = "application/json" }, cancellationToken);
    }

    /// <summary>The heads that still wait on the subscription <c>all</c>, oldest first; looked at, not taken.</summary>
    public async Task<IReadOnlyList<OperatorLogHead>> SeenAsync(CancellationToken cancellationToken)
    {
        await using var receiver = client.CreateReceiver(BusEntities.SignalsTopic, Subscription);
        var seen = new List<OperatorLogHead>();
        for (var from = 0L; ;)
        {
            var some = await receiver.PeekMessagesAsync(AtOnce, from, cancellationToken);
            if (some.Count == 0) return seen;
            seen.AddRange(some.Where(message => message.Subject == Kind).Select(HeadOf).OfType<OperatorLogHead>());
            from = some[^1].SequenceNumber + 1;
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    private static OperatorLogHead? HeadOf(ServiceBusReceivedMessage message)
    {
        try
        {
            var signal = JsonSerializer.Deserialize(message.Body.ToMemory().Span, OperatorSignalJson.Default.OperatorSignal);
            return OperatorLogHead.TryParse(signal?.Head, out var head) ? head : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
