using System.Text;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Entities;

/// <summary>Entities on a clock that the test moves, with contents whose encoding is plain text.</summary>
internal sealed class EntityFixture : IMessageCodec
{
    public ManualTimeProvider Time { get; } = new();

    public RecordingJournal Journal { get; } = new();

    public QueueEntity Queue(QueueSettings? settings = null, long maxBytes = long.MaxValue) =>
        new(settings ?? new QueueSettings { Name = "q" }, new EntityDomain(Time, this, Journal, maxBytes));

    public TopicEntity Topic(TopicSettings settings) => new(settings, new EntityDomain(Time, this, Journal, long.MaxValue));

    public NamespaceEntities Namespace(NamespaceTopology topology) => new(topology, Time, this, Journal);

    public static MessageContent Message(string id, int bytes = 1) => new() { MessageId = id, Body = new byte[bytes] };

    public MessageContent Merge(MessageContent content, IReadOnlyList<KeyValuePair<string, object?>> properties) => content with
    {
        ApplicationProperties = Encoding.UTF8.GetBytes(Text(content) + string.Concat(properties.Select(property => $"{property.Key}={property.Value};"))),
    };

    public bool Fits(MessageContent content) => true;

    public MessageContent Apply(MessageContent content, MessageChanges changes) =>
        Merge(content, [.. changes.User.Select(change => KeyValuePair.Create(change.Name, change.Value)), .. changes.System.Select(change => KeyValuePair.Create("sys." + change.Key, change.Value))])
            with
        { SessionId = changes.System.TryGetValue(SystemProperty.SessionId, out var session) ? (string?)session : content.SessionId };

    public FilterFields ReadFields(MessageContent content) => new() { MessageId = content.MessageId, Label = Text(content) };

    public static string Text(MessageContent content) => Encoding.UTF8.GetString(content.ApplicationProperties.Span);

    /// <summary>Keeps what was appended, append by append.</summary>
    internal sealed class RecordingJournal : IMessageJournal
    {
        public List<(JournalRecordKind Kind, string Store, long Number)[]> Appends { get; } = [];

        public long Append(ReadOnlySpan<JournalRecord> records)
        {
            var append = records.ToArray().Select(record => (record.Kind, record.Store, record.Entry?.SequenceNumber ?? record.Number)).ToArray();
            lock (Appends)
            {
                Appends.Add(append);
                return Appends.Count;
            }
        }

        public bool IsFailing => false;

        public ContentWindow Window { get; } = ContentWindow.All;

        public void Load(string store, ReadOnlySpan<MessageSnapshot> messages)
        {
        }

        public bool HasRoom(Action resume) => true;

        public bool IsStored(long position) => true;

        public void WhenStored(long position, Action<bool> callback) => callback(true);
    }
}

/// <summary>A receiver whose link is a list.</summary>
internal sealed class ListConsumer : IMessageConsumer
{
    private readonly MessageReceiver _receiver;

    public ListConsumer(MessageStore store, ReceiveMode mode = ReceiveMode.PeekLock) => _receiver = store.OpenReceiver(this, mode);

    public int Wakes { get; private set; }

    public MessageReceiver Receiver => _receiver;

    public void Wake() => Wakes++;

    public List<MessageSnapshot> Receive(int capacity)
    {
        _receiver.Grant(capacity);
        return Collect();
    }

    public List<MessageSnapshot> Collect()
    {
        var messages = new List<MessageSnapshot>();
        _receiver.Collect(messages);
        _receiver.ConfirmSent(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(messages));
        return messages;
    }

    public MessageSnapshot One() => Assert.Single(Receive(1));
}
