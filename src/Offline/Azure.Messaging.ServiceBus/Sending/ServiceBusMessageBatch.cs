#nullable disable annotations
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Messages to be sent together, known to fit the link. Made by <see cref="ServiceBusSender"/>. Not thread-safe.</summary>
public sealed class ServiceBusMessageBatch : IDisposable
{
    // A data section's descriptor, constructor and length before the message itself: up to 255 bytes and beyond.
    private const int SmallOverhead = 5;
    private const int LargeOverhead = 8;
    private const int LongestSmall = 255;

    private readonly Func<ServiceBusMessage, byte[]> _encode;
    private readonly List<byte[]> _encoded = [];
    private ServiceBusMessage _first;
    private bool _sending;
    private bool _disposed;

    internal ServiceBusMessageBatch(long maxSizeInBytes, Func<ServiceBusMessage, byte[]> encode)
    {
        MaxSizeInBytes = maxSizeInBytes;
        _encode = encode;
    }

    /// <summary>Most bytes the batch may have encoded.</summary>
    public long MaxSizeInBytes { get; }

    /// <summary>Bytes the batch has encoded.</summary>
    public long SizeInBytes { get; private set; }

    /// <summary>Messages in the batch.</summary>
    public int Count => _encoded.Count;

    internal ServiceBusMessage First => _first;

    internal IReadOnlyList<byte[]> Encoded => _encoded;

    /// <summary>Adds a message if it fits; it is encoded now, later changes to it have no effect.</summary>
    /// <returns>False when it does not fit, also when it is too large for any batch.</returns>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    /// <exception cref="InvalidOperationException">The batch is being sent.</exception>
    public bool TryAddMessage(ServiceBusMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfSending();
        var encoded = _encode(message);
        var added = encoded.Length + (encoded.Length <= LongestSmall ? SmallOverhead : LargeOverhead);
        if (_first is null)
        {
            added += MessageCodec.EncodeEnvelope(message).Length;
        }

        if (SizeInBytes + added > MaxSizeInBytes)
        {
            return false;
        }

        _first ??= message;
        _encoded.Add(encoded);
        SizeInBytes += added;
        return true;
    }

    /// <summary>Forgets the messages.</summary>
    /// <exception cref="InvalidOperationException">The batch is being sent.</exception>
    public void Dispose()
    {
        ThrowIfSending();
        _disposed = true;
        _encoded.Clear();
        SizeInBytes = 0;
    }

    internal void BeginSend()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _sending = true;
    }

    internal void EndSend() => _sending = false;

    private void ThrowIfSending()
    {
        if (_sending)
        {
            throw new InvalidOperationException("The batch is being sent and cannot be changed or disposed until that is done.");
        }
    }
}
