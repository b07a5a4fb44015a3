using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// One who takes whatever session is free, and a few messages of it in their order. Plain AMQP, one credit at a time, so that the order is
/// the broker's.
/// </summary>
internal sealed class SessionLoad(string connectionString, string queue, SessionFates fates)
{
    private const int MessagesPerHold = 10;

    /// <summary>Until the broker is gone.</summary>
    public async Task RunAsync(Random random, CancellationToken stop)
    {
        var endpoint = ServiceBusConnectionStringProperties.Parse(connectionString).Endpoint;
        await using var connection = await AmqpClientConnection.ConnectAsync(
            new AmqpClientOptions { Host = endpoint.Host, Port = endpoint.Port }, stop);
        while (!stop.IsCancellationRequested)
        {
            await HoldAsync(connection, random, stop);
        }
    }

    private async Task HoldAsync(AmqpClientConnection connection, Random random, CancellationToken stop)
    {
        await using var receiver = await connection.OpenReceiverAsync(
            new AmqpReceiverOptions
            {
                Source = new Source { Address = queue, Filter = new AmqpMap { { new AmqpSymbol("com.microsoft:session-filter"), null } } },
                RcvSettleMode = 1,
            },
            stop);
        for (var count = 0; count < MessagesPerHold; count++)
        {
            receiver.AddCredit(1);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromSeconds(1));
            AmqpDelivery delivery;
            try
            {
                delivery = await receiver.ReceiveAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }

            var (session, number) = Read(delivery.Payload);
            fates.OnDelivered(session, number);
            if (random.Next(5) == 0)
            {
                await receiver.SettleAsync(delivery.DeliveryId, new Modified(DeliveryFailed: true, UndeliverableHere: false), stop);
                continue;
            }

            fates.OnAsked(session, number);
            if (await receiver.SettleAsync(delivery.DeliveryId, Accepted.Instance, stop) is Accepted) fates.OnCompleted(session, number);
        }
    }

    private static (string Session, int Number) Read(ReadOnlyMemory<byte> payload)
    {
        Assert.True(AmqpMessage.TryDecode(payload, out var message));
        return (message.Properties!.GroupId!, int.Parse((string)message.Properties.MessageId!, CultureInfo.InvariantCulture));
    }
}
