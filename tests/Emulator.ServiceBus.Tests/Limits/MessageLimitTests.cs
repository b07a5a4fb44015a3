using Relay.Testing.Amqp;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>
/// Each limit of a message at both edges, by a client that checks nothing itself: sent, sent in a batch, scheduled, sent in a transaction.
/// </summary>
public sealed class MessageLimitTests : IAsyncLifetime
{
    private ServiceBusEmulator _emulator = null!;
    private AmqpClientConnection _connection = null!;

    public static TheoryData<LimitRow> Rows => [.. Enum.GetValues<LimitRow>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var small = new EntityExtras { MaxMessageSizeInKilobytes = 1 };
        _emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                Topology = new NamespaceTopology
                {
                    Queues = [new QueueSettings { Name = "q" }, new QueueSettings { Name = "sessions", RequiresSession = true }, new QueueSettings { Name = "small", Extras = small }],
                },
            },
            Cancel);
        _connection = await AmqpClientConnection.ConnectAsync(
            new AmqpClientOptions { Host = _emulator.AmqpEndpoint.Address.ToString(), Port = _emulator.AmqpEndpoint.Port }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Send_AtTheLimit_IsTakenAndOneBeyondIsRefused(LimitRow row)
    {
        await using var sender = await SenderAsync();
        var most = LimitMessages.MostOf(row);

        Assert.IsType<Accepted>(await SendAsync(sender, LimitMessages.Create(row, most)));
        AssertRefused(await SendAsync(sender, LimitMessages.Create(row, most + 1)));

        Assert.IsType<Accepted>(await SendAsync(sender, LimitMessages.Create(row, most)));
        Assert.Equal(2, Active("q"));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task SendBatch_WithOneBeyondTheLimit_IsRefusedWhole(LimitRow row)
    {
        await using var sender = await SenderAsync();
        var most = LimitMessages.MostOf(row);
        var (at, beyond) = (LimitMessages.Create(row, most), LimitMessages.Create(row, most + 1));

        AssertRefused(await sender.SendAsync(Batch(at, beyond), MessageBatch.MessageFormat, null, Cancel));
        Assert.Equal(0, Active("q"));

        Assert.IsType<Accepted>(await sender.SendAsync(Batch(at, at), MessageBatch.MessageFormat, null, Cancel));
        Assert.Equal(2, Active("q"));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Schedule_AtTheLimit_IsTakenAndOneBeyondIsRefused(LimitRow row)
    {
        await using var management = await _connection.OpenRequestLinkAsync("q/$management", Cancel);
        var most = LimitMessages.MostOf(row);

        Assert.Equal(200, await ScheduleAsync(management, LimitMessages.Create(row, most)));
        Assert.Equal(400, await ScheduleAsync(management, LimitMessages.Create(row, most + 1)));
    }

    [Theory]
    [InlineData("s", "s", true)]
    [InlineData("s", "S", false)]
    [InlineData("s", "other", false)]
    public async Task Send_PartitionKeyBesideSessionId_HasToBeTheSame(string sessionId, string partitionKey, bool isTaken)
    {
        await using var sender = await SenderAsync("sessions");
        var answer = await SendAsync(sender, LimitMessages.Partitioned(sessionId, partitionKey));
        if (isTaken) Assert.IsType<Accepted>(answer);
        else AssertRefused(answer);
    }

    [Theory]
    [InlineData("q", 256 * 1024)]
    [InlineData("small", 1024)]
    public async Task Attach_SaysTheEntitysLargestMessage(string queue, int bytes)
    {
        await using var sender = await SenderAsync(queue);
        Assert.Equal(bytes, sender.MaxMessageSize);
        var largest = new AmqpMessage
        {
            Properties = new MessageProperties { MessageId = "m" },
            BodyKind = BodyKind.Data,
            Data = [new byte[bytes - 100]],
        };
        Assert.Equal(bytes, Trim(largest, bytes).Encode().Length);
        Assert.IsType<Accepted>(await SendAsync(sender, Trim(largest, bytes)));

        await using var management = await _connection.OpenRequestLinkAsync(queue + "/$management", Cancel);
        if (bytes == 1024)
        {
            Assert.Equal(200, await ScheduleAsync(management, Trim(largest, bytes)));
            Assert.Equal(400, await ScheduleAsync(management, Trim(largest, bytes + 1)));
        }
    }

    /// <summary>What a settlement adds has to fit: else the message is as it was, and can be settled otherwise.</summary>
    [Theory]
    [InlineData(true, MessageLimits.MaxPropertyBytes)]
    [InlineData(false, MessageLimits.MaxPropertyBytes)]
    public async Task Settle_PropertiesThatDoNotFit_IsRefusedAndTheLockStays(bool isDeadLetter, int most)
    {
        await using var sender = await SenderAsync();
        await SendAsync(sender, LimitMessages.Create(LimitRow.StringProperty, most));
        await using var receiver = await _connection.OpenReceiverAsync(
            new AmqpReceiverOptions { Source = new Source { Address = "q" } }, Cancel);
        receiver.SetCredit(1);
        var delivery = await receiver.ReceiveAsync(Cancel);

        AssertRefused(await receiver.SettleAsync(delivery.DeliveryId, Outcome(new AmqpMap { { "why", new string('x', most + 1) } }), Cancel));
        Assert.Equal(1, Active("q"));

        // Each fits by itself; with what the message has they come to more than 64 KiB.
        await using var management = await _connection.OpenRequestLinkAsync("q/$management", Cancel);
        var token = new Guid(delivery.Tag.Span);
        Assert.Equal(400, await UpdateAsync(management, token, new AmqpMap { { "why", new string('x', most) } }));
        Assert.Equal(200, await UpdateAsync(management, token, new AmqpMap { { "why", new string('x', most - 1000) } }));
        if (isDeadLetter) Assert.Equal(1, _emulator.Snapshot().Entities.Single(entity => entity.Path == "q").DeadLettered);

        DeliveryState Outcome(AmqpMap map) => isDeadLetter
            ? new Rejected(new AmqpError(ServiceBusCondition.DeadLetter, null, map))
            : new Modified(null, null, map);

        Task<int> UpdateAsync(AmqpRequestLink link, Guid lockToken, AmqpMap map) => RequestAsync(link, "update-disposition", new AmqpMap
        {
            { "disposition-status", isDeadLetter ? "suspended" : "abandoned" },
            { "lock-tokens", new[] { lockToken } },
            { "properties-to-modify", map },
        });
    }

    [Theory]
    [InlineData(MessageLimits.MaxIdLength, true)]
    [InlineData(MessageLimits.MaxIdLength + 1, false)]
    public async Task AcceptSession_OfALongId_IsRefusedBeyondTheLimit(int length, bool isTaken)
    {
        var options = new AmqpReceiverOptions
        {
            Source = new Source { Address = "sessions", Filter = new AmqpMap { { new AmqpSymbol("com.microsoft:session-filter"), new string('s', length) } } },
        };
        if (isTaken)
        {
            await using var receiver = await _connection.OpenReceiverAsync(options, Cancel);
            Assert.False(receiver.Closed.IsCompleted);
            return;
        }

        var exception = await Assert.ThrowsAsync<AmqpException>(() => _connection.OpenReceiverAsync(options, Cancel));
        Assert.Equal(ServiceBusCondition.ArgumentError, exception.Error.Condition);
    }

    private static AmqpMessage Trim(AmqpMessage message, int bytes) =>
        message with { Data = [new byte[message.Data[0].Length + bytes - message.Encode().Length]] };

    private static void AssertRefused(DeliveryState? answer)
    {
        var error = Assert.IsType<Rejected>(answer).Error!;
        Assert.Equal(ServiceBusCondition.ArgumentError, error.Condition);
        Assert.StartsWith("Expected", error.Description, StringComparison.Ordinal);
    }

    private static byte[] Batch(params AmqpMessage[] messages) =>
        new AmqpMessage { BodyKind = BodyKind.Data, Data = [.. messages.Select(message => (ReadOnlyMemory<byte>)message.Encode())] }.Encode(
            );

    private static Task<DeliveryState> SendAsync(AmqpSender sender, AmqpMessage message) => sender.SendAsync(
        message.Encode(), 0, null, Cancel);

    /// <summary>Due at once, which is as good here: an annotation more would change what is measured.</summary>
    private static Task<int> ScheduleAsync(AmqpRequestLink management, AmqpMessage message) => RequestAsync(
        management, "schedule-message", new AmqpMap { { "messages", new List<object?> { new AmqpMap { { "message", (ReadOnlyMemory<byte>)message.Encode() } } } } });

    private static async Task<int> RequestAsync(AmqpRequestLink management, string operation, AmqpMap arguments)
    {
        var request = new AmqpMessage
        {
            ApplicationProperties = new AmqpMap { { "operation", "com.microsoft:" + operation } },
            BodyKind = BodyKind.Value,
            Value = arguments,
        };
        var reply = await TestDeadline.Within(management.RequestAsync(request, null, Cancel));
        Assert.True(reply.ApplicationProperties!.TryGet<int>("statusCode", out var status));
        return status;
    }

    private Task<AmqpSender> SenderAsync(string queue = "q") => _connection.OpenSenderAsync(
        new AmqpSenderOptions { Target = new Target { Address = queue } }, Cancel);

    private int Active(string queue) => _emulator.Snapshot().Entities.Single(entity => entity.Path == queue).Active;
}
