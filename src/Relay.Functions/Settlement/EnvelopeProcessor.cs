using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Core;
using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>
/// What both queue functions do with a message: hand the envelope to the pipeline, settle by its ruling, note the outcome.
/// </summary>
public sealed class EnvelopeProcessor(RelayPipeline pipeline, EnvelopeSettler settler, RelayTelemetry telemetry, TimeProvider time)
{
    /// <param name="message">As received.</param>
    /// <param name="actions">Settles it.</param>
    /// <param name="queue">The queue it came off.</param>
    /// <param name="cancellationToken">The host is stopping: the message is left to be delivered again.</param>
    /// <exception cref="MessageNotSettledException">The bus could not take the
    /// copy that the ruling needs; the host abandons the message.</exception>
    public async Task ProcessAsync(
        ServiceBusReceivedMessage message, ServiceBusMessageActions actions, Lane queue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        var startedAt = time.GetTimestamp();
        var inbound = TraceParent.Read(message.ApplicationProperties);
        using var activity = RelayTelemetry.Start("relay envelope", ActivityKind.Consumer, inbound);
        var traceParent = TraceParent.Current(inbound);

        var ruling = TryGetBody(message, out var body)
            ? await pipeline.RelayAsync(body, traceParent, cancellationToken)
            : new Ruling(Verdict.Malformed, ReasonCodes.NotDataBody, "expected a message body of AMQP data, got a value or a sequence");
        ruling = await settler.SettleAsync(message, actions, queue, ruling, body, traceParent);
        telemetry.Ruled(ruling, queue, startedAt);
        if (ruling.Verdict == Verdict.QueueUnavailable) throw new MessageNotSettledException(ruling);
    }

    private static bool TryGetBody(ServiceBusReceivedMessage message, out ReadOnlyMemory<byte> body)
    {
        try
        {
            body = message.Body.ToMemory();
            return true;
        }
        catch (NotSupportedException)
        {
            // The client's only way to say that the body is an AMQP value or sequence, which any producer can send.
            body = default;
            return false;
        }
    }
}
