using Microsoft.Extensions.Logging.Abstractions;
using Emulator.Amqp.State;
using Emulator.Amqp.Tests.Fuzzing;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Fuzzing;

/// <summary>A namespace in memory behind the connection, one for each conversation, and what an attach or a message meets there.</summary>
internal sealed class BrokerNodes : IFuzzNodes
{
    private readonly NamespaceEntities _entities;
    private readonly BrokerContext _context;

    public BrokerNodes()
    {
        var time = new ManualTimeProvider();
        var topology = new NamespaceTopology
        {
            Queues = [new QueueSettings { Name = "q" }, new QueueSettings { Name = "sq", RequiresSession = true }],
            Topics = [new TopicSettings { Name = "t", Subscriptions = [new SubscriptionSettings { Name = "s" }] }],
        };
        _entities = new NamespaceEntities(topology, time, MessageCodec.Instance, MemoryJournal.Instance);
        _context = new BrokerContext(
            _entities,
            MemoryJournal.Instance,
            new TokenValidator(null, time),
            time,
            TimeProvider.System,
            NullLogger.Instance,
            PeerModel.MaxMessageSize,
            new BrokerCounters(),
            static () => false);
    }

    public IReadOnlyList<string?> Addresses { get; } =
    [
        "q", "q", "q", "t", "t/Subscriptions/s", "q/$DeadLetterQueue", "$cbs", "q/$management", "sq", "nowhere", null,
    ];

    public string? RefusalOf(string? address, bool isReceiver) => (address, isReceiver) switch
    {
        (null, _) => PeerModel.InvalidField,
        ("nowhere", _) => "amqp:not-found",
        ("t", true) or ("sq", true) or ("t/Subscriptions/s", false) or ("q/$DeadLetterQueue", false) => PeerModel.NotAllowed,
        _ => null,
    };

    public bool IsHeld(string? address) => false;

    public bool Settles(string? address) => true;

    // A request wraps messages of the largest size.
    public int MaxMessageSizeOf(string? address) =>
        address == "q/$management" ? PeerModel.MaxMessageSize + ManagementNode.Envelope : PeerModel.MaxMessageSize;

    // One data section, or bytes that are no message.
    public byte[] Payload(FuzzRandom random, int size)
    {
        var bytes = random.Bytes(size);
        return size > byte.MaxValue || random.OneIn(4) ? bytes : [0x00, 0x53, 0x75, 0xa0, (byte)size, .. bytes];
    }

    public string? RejectionOf(string? address, ReadOnlySpan<byte> payload)
    {
        // Sections after a data section may be more of the same: two payloads in a row are a message too.
        while (payload.Length >= 5 && payload.StartsWith<byte>([0x00, 0x53, 0x75, 0xa0]) && payload.Length >= 5 + payload[4])
        {
            payload = payload[(5 + payload[4])..];
        }

        if (!payload.IsEmpty)
        {
            return PeerModel.DecodeError;
        }

        return address == "sq" ? PeerModel.NotAllowed : null;
    }

    public IConnectionHandler Handler() => new ServiceBusConnection(_context, null);

    public AttachRequest? AnswerHeld() => null;

    public void CheckEnded()
    {
    }

    public void Dispose() => _entities.Dispose();
}
