using System.Buffers;
using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>A delivery being joined from frames, in a pooled buffer that grows with what arrived. Read loop only.</summary>
internal sealed class PartialDelivery(uint deliveryId, byte[] tag, uint messageFormat) : IDisposable
{
    private byte[] _buffer = [];

    public uint DeliveryId { get; } = deliveryId;

    public byte[] Tag { get; } = tag;

    public uint MessageFormat { get; } = messageFormat;

    public bool Settled { get; set; }

    public DeliveryState? State { get; set; }

    /// <summary>Payload bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>It is over the link's limit: what comes of it is counted and thrown away, and its end is answered rejected.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Payload bytes thrown away, with the size of a frame header each, so that empty frames count too.</summary>
    public long Discarded { get; private set; }

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> payload)
    {
        if (_buffer.Length - Length < payload.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(
                Math.Max(Length + payload.Length, (int)Math.Min(2L * _buffer.Length, Array.MaxLength)));
            Payload.CopyTo(larger);
            Dispose();
            _buffer = larger;
        }

        payload.CopyTo(_buffer.AsSpan(Length));
        Length += payload.Length;
    }

    /// <summary>Gives up the bytes kept.</summary>
    public void Refuse()
    {
        IsRefused = true;
        Discarded = Length;
        Length = 0;
        Dispose();
    }

    public void Discard(int bytes) => Discarded += bytes + FrameWriter.HeaderSize;

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
