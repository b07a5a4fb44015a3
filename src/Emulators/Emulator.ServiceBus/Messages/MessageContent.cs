namespace Emulator.ServiceBus.Messages;

/// <summary>
/// What a sender wrote, immutable: the encoded sections untouched, and the few values the broker acts on. How the sections are encoded
/// is the codec's business; the engine only carries them.
/// </summary>
internal sealed record MessageContent
{
    /// <summary>Message annotations the broker does not own: encoded key-value pairs without the map's own header.</summary>
    public ReadOnlyMemory<byte> Annotations { get; init; }

    /// <summary>Number of pairs in <see cref="Annotations"/>.</summary>
    public int AnnotationCount { get; init; }

    /// <summary>The whole properties section; never empty, a message id is always there.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>The whole application-properties section, or empty.</summary>
    public ReadOnlyMemory<byte> ApplicationProperties { get; init; }

    /// <summary>Body sections and footer.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How the journal knows the content; copies with other properties share it.</summary>
    public StoredContent Stored { get; init; } = new();

    public bool Durable { get; init; }

    public byte? Priority { get; init; }

    /// <summary>The id as text, whatever its wire type; what duplicates are told by.</summary>
    public required string MessageId { get; init; }

    public string? SessionId { get; init; }

    /// <summary>The sender's time to live, before the entity's bound; null for none.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When the message may be received first; null or past for at once.</summary>
    public DateTimeOffset? ScheduledEnqueueTime { get; init; }

    /// <summary>Times it was forwarded by entities so far.</summary>
    public int Hops { get; init; }

    /// <summary>Bytes held, for the quota.</summary>
    public int Size => Annotations.Length + Properties.Length + ApplicationProperties.Length + Body.Length;
}
