#nullable disable annotations
using System.Text;

namespace Azure.Messaging.ServiceBus;

/// <summary>A message to send. Not thread-safe; may be sent more than once.</summary>
public class ServiceBusMessage
{
    private const int LongestId = 128;
    private const string ReasonProperty = "DeadLetterReason";
    private const string DescriptionProperty = "DeadLetterErrorDescription";

    private readonly Dictionary<string, object> _applicationProperties = [];
    private BinaryData _body;
    private string _messageId;
    private string _partitionKey;
    private string _transactionPartitionKey;
    private string _sessionId;
    private string _replyToSessionId;
    private TimeSpan _timeToLive = TimeSpan.MaxValue;

    /// <summary>A message without content.</summary>
    public ServiceBusMessage()
        : this(default(ReadOnlyMemory<byte>))
    {
    }

    /// <summary>A message of text, in UTF-8.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    public ServiceBusMessage(string body)
        : this(Encoding.UTF8.GetBytes(body ?? throw new ArgumentNullException(nameof(body))))
    {
    }

    /// <summary>A message of bytes, which are not copied.</summary>
    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body))
    {
    }

    /// <summary>A message of bytes, which are not copied.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    public ServiceBusMessage(BinaryData body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _body = body;
    }

    /// <summary>A copy of a received message, without what the service added: times, numbers, lock and dead-letter properties.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="receivedMessage"/> is null.</exception>
    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
    {
        ArgumentNullException.ThrowIfNull(receivedMessage);
        _body = receivedMessage.Body;
        _messageId = receivedMessage.MessageId;
        _partitionKey = receivedMessage.PartitionKey;
        _transactionPartitionKey = receivedMessage.TransactionPartitionKey;
        _sessionId = receivedMessage.SessionId;
        _replyToSessionId = receivedMessage.ReplyToSessionId;
        CorrelationId = receivedMessage.CorrelationId;
        Subject = receivedMessage.Subject;
        To = receivedMessage.To;
        ContentType = receivedMessage.ContentType;
        ReplyTo = receivedMessage.ReplyTo;
        ScheduledEnqueueTime = receivedMessage.ScheduledEnqueueTime;
        if (receivedMessage.TimeToLive > TimeSpan.Zero)
        {
            _timeToLive = receivedMessage.TimeToLive;
        }

        foreach (var (name, value) in receivedMessage.ApplicationProperties)
        {
            if (name is not (ReasonProperty or DescriptionProperty))
            {
                _applicationProperties[name] = value;
            }
        }
    }

    /// <summary>The content.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public BinaryData Body
    {
        get => _body;
        set
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Body));
            _body = value;
        }
    }

    /// <summary>What duplicate detection goes by: 1 to 128 characters; null until set, and then the service stamps one.</summary>
    /// <exception cref="ArgumentException">Set to null, empty or longer than 128 characters.</exception>
    public string MessageId
    {
        get => _messageId;
        set
        {
            if (string.IsNullOrEmpty(value))
            {
                throw new ArgumentException("A message id must have 1 to 128 characters; it was null or empty.", nameof(MessageId));
            }

            ThrowIfLong(value, nameof(MessageId));
            _messageId = value;
        }
    }

    /// <summary>Keeps related messages together in a partitioned entity: at most 128 characters, and equal to <see cref="SessionId"/> when both are set.</summary>
    /// <exception cref="ArgumentException">Longer than 128 characters.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Differs from the session id.</exception>
    public string PartitionKey
    {
        get => _partitionKey;
        set
        {
            ThrowIfLong(value, nameof(PartitionKey));
            if (value is not null && _sessionId is not null && !string.Equals(value, _sessionId, StringComparison.Ordinal))
            {
                throw new ArgumentOutOfRangeException(nameof(PartitionKey), value,
                    $"The partition key must equal the session id '{_sessionId}' of the message.");
            }

            _partitionKey = value;
        }
    }

    /// <summary>Partition of the entity a transaction goes through: at most 128 characters.</summary>
    /// <exception cref="ArgumentException">Longer than 128 characters.</exception>
    public string TransactionPartitionKey
    {
        get => _transactionPartitionKey;
        set
        {
            ThrowIfLong(value, nameof(TransactionPartitionKey));
            _transactionPartitionKey = value;
        }
    }

    /// <summary>The session the message belongs to: at most 128 characters. Replaces a partition key that differs.</summary>
    /// <exception cref="ArgumentException">Longer than 128 characters.</exception>
    public string SessionId
    {
        get => _sessionId;
        set
        {
            ThrowIfLong(value, nameof(SessionId));
            _sessionId = value;
            if (_partitionKey is not null)
            {
                _partitionKey = value;
            }
        }
    }

    /// <summary>The session to reply to: at most 128 characters.</summary>
    /// <exception cref="ArgumentException">Longer than 128 characters.</exception>
    public string ReplyToSessionId
    {
        get => _replyToSessionId;
        set
        {
            ThrowIfLong(value, nameof(ReplyToSessionId));
            _replyToSessionId = value;
        }
    }

    /// <summary>How long the message lives once enqueued: positive; <see cref="TimeSpan.MaxValue"/>, the default, leaves it to the entity.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or negative.</exception>
    public TimeSpan TimeToLive
    {
        get => _timeToLive;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(TimeToLive));
            _timeToLive = value;
        }
    }

    /// <summary>The message this one answers, or any other context; null unless set.</summary>
    public string CorrelationId { get; set; }

    /// <summary>The purpose of the message, also called label; null unless set.</summary>
    public string Subject { get; set; }

    /// <summary>Where the message is going; the service does not look at it. Null unless set.</summary>
    public string To { get; set; }

    /// <summary>RFC 2045 content type of the body; null unless set.</summary>
    public string ContentType { get; set; }

    /// <summary>Where to reply; null unless set.</summary>
    public string ReplyTo { get; set; }

    /// <summary>When the message becomes visible; at once when unset or past.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>Properties of the application's own. Values are numbers, text, <see cref="bool"/>, <see cref="char"/>, <see cref="Guid"/>,
    /// <see cref="Uri"/>, <see cref="DateTime"/>, <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>, bytes or a <see cref="Stream"/>.</summary>
    public IDictionary<string, object> ApplicationProperties => _applicationProperties;

    /// <summary>Shows the message id only: bodies do not belong in logs.</summary>
    public override string ToString() => $"{{MessageId:{MessageId}}}";

    private static void ThrowIfLong(string value, string name)
    {
        if (value is { Length: > LongestId })
        {
            throw new ArgumentException($"At most {LongestId} characters are allowed; there were {value.Length}.", name);
        }
    }
}
