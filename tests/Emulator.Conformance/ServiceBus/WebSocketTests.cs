using System.Net.WebSockets;
using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

/// <summary>The same client over WebSockets.</summary>
public sealed class WebSocketTests : ServiceBusConformance
{
    protected override bool NeedsAdminPort => true;

    [Fact]
    public async Task Client_OverWebSockets_SendsReceivesAndSettles()
    {
        await using var client = new ServiceBusClient(
            AdminConnectionString, new ServiceBusClientOptions { TransportType = ServiceBusTransportType.AmqpWebSockets });
        var sender = client.CreateSender(Queue);
        var large = new byte[200_000];
        new Random(1).NextBytes(large);
        await sender.SendMessagesAsync([new ServiceBusMessage("one"), new ServiceBusMessage("two")], Cancel);
        await sender.SendMessageAsync(new ServiceBusMessage(large), Cancel);
        var receiver = client.CreateReceiver(Queue);

        foreach (var expected in new[] { "one"u8.ToArray(), "two"u8.ToArray(), large })
        {
            var message = await NextAsync(receiver);
            Assert.Equal(expected, message.Body.ToArray());
            await receiver.CompleteMessageAsync(message, Cancel);
        }

        await EmptyAsync(Receiver());
        Assert.Equal(ServiceBusTransportType.AmqpWebSockets, client.TransportType);
    }

    [Fact]
    public async Task Client_WherePlainTcpListens_Fails()
    {
        // The AMQP port does not answer an HTTP upgrade; on the cloud's port 443 it would work.
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) is not null, "The case needs the emulator's plain AMQP port.");
        var options = new ServiceBusClientOptions
        {
            TransportType = ServiceBusTransportType.AmqpWebSockets,
            RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0 },
        };
        await using var client = new ServiceBusClient(ConnectionString, options);

        // The client lets this one through as it is.
        await Assert.ThrowsAsync<WebSocketException>(() => client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("x"), Cancel));
    }
}
