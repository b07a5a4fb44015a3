using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Links;

public sealed class ReplyLinkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reply_LargerThanTheReceiverTakes_DetachesItInsteadOfBlockingTheRepliesBehind()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, Topology = SampleTopology.Create() }, Cancel);
        await using var connection = await AmqpClientConnection.ConnectAsync(
            new AmqpClientOptions { Host = emulator.AmqpEndpoint.Address.ToString(), Port = emulator.AmqpEndpoint.Port }, Cancel);
        await using var replies = await connection.OpenReceiverAsync(
            new AmqpReceiverOptions { Source = new Source { Address = "$cbs" }, Target = new Target { Address = "replies" }, MaxMessageSize = 16 }, Cancel);
        replies.SetCredit(1);
        await using var requests = await connection.OpenSenderAsync(new AmqpSenderOptions { Target = new Target { Address = "$cbs" } }, Cancel);
        var request = new AmqpMessage
        {
            Properties = new MessageProperties { MessageId = "1", ReplyTo = "replies" },
            ApplicationProperties = new AmqpMap { { "operation", "no such thing" } },
            BodyKind = BodyKind.Value,
            Value = "",
        };

        await requests.SendAsync(request.Encode(), 0, null, Cancel);

        var error = await TestDeadline.Within(replies.Closed);
        Assert.Equal(AmqpCondition.MessageSizeExceeded, error!.Condition);
    }
}
