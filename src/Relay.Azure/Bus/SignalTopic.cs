using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Protocol.Negotiations;

namespace Relay.Azure.Bus;

/// <summary>Tells signals on the topic <c>signals</c>: subject is the kind, body a JSON object of metadata or a CloudEvent.</summary>
internal sealed class SignalTopic(BusSender sender) : ILedgerSignals, ISignalFeed
{
    /// <inheritdoc/>
    public async ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signal);
        return await sender.SendAsync(
            BusEntities.SignalsTopic,
            CreateMessage(signal),
            signal.About,
            cancellationToken).ConfigureAwait(false) == SendOutcome.Accepted;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TellAsync(
        string negotiation, string kind, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var message = new ServiceBusMessage(body) { Subject = kind, SessionId = negotiation, ContentType = mediaType };
        var outcome = await sender.SendAsync(BusEntities.SignalsTopic, message, negotiation, cancellationToken).ConfigureAwait(false);
        return outcome == SendOutcome.Accepted;
    }

    internal static ServiceBusMessage CreateMessage(LedgerSignal signal)
    {
        var kind = KindOf(signal.Kind);
        using var body = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, kind);
            if (signal.Id is { } id) json.WriteString("id"u8, id.ToString());
            else json.WriteString("negotiation"u8, signal.Negotiation);
            if (signal.Mode is { } mode) json.WriteString("mode"u8, mode.ToText());
            if (signal.Index is { } index) json.WriteNumber("index"u8, index);
            json.WriteNumber("at"u8, signal.At.ToUnixTimeMilliseconds());
            if (signal.Until is { } until) json.WriteNumber("until"u8, until.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }

        return new ServiceBusMessage(new BinaryData(body.ToArray()))
        {
            Subject = kind,
            SessionId = signal.Negotiation,
            ContentType = "application/json",
        };
    }

    internal static string KindOf(LedgerSignalKind kind) => kind switch
    {
        LedgerSignalKind.Equivocation => "equivocation",
        LedgerSignalKind.BrokenChain => "broken-chain",
        LedgerSignalKind.ForkSeen => "fork-seen",
        LedgerSignalKind.HeldExpired => "held-expired",
        LedgerSignalKind.Throttled => "throttled",
        LedgerSignalKind.ThrottleEnded => "throttle-ended",
        LedgerSignalKind.ModeChanged => "mode-changed",
    };
}
