namespace Azure.Messaging.ServiceBus;

/// <summary>How large a batch may get.</summary>
public class CreateMessageBatchOptions
{
    private long? _maxSizeInBytes;

    /// <summary>Largest encoded size, at least 24 bytes; the link's own limit when null, which it may not exceed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 24.</exception>
    public long? MaxSizeInBytes
    {
        get => _maxSizeInBytes;
        set
        {
            if (value is { } size)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(size, 24, nameof(MaxSizeInBytes));
            }

            _maxSizeInBytes = value;
        }
    }
}
