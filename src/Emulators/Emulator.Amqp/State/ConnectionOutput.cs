using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.State;

/// <summary>Frames on their way out. Every member but the constructor is called with the connection's gate held.</summary>
/// <remarks>
/// Bytes gather in one buffer while the transport writes another, so a burst
/// of frames becomes one write. Dispositions that continue each other are held
/// back as one range until any other frame, or the transport, asks for bytes.
/// </remarks>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "Release gives the buffer back; the connection calls it when the transport is over.")]
internal sealed class ConnectionOutput(int highWaterBytes)
{
    private const int InitialBuffer = 512;

    private readonly List<SendingLink> _blocked = [];
    private AmqpWriter _pending = new(InitialBuffer);
    private Disposition _range;
    private ushort _rangeChannel;
    private uint _rangeLast;
    private bool _hasRange;
    private bool _flushing;
    private int _loopThread;

    /// <summary>Starts a flush on another thread; null while there is no transport.</summary>
    public Action? ScheduleFlush { get; set; }

    /// <summary>Largest frame the peer accepts; 512 until it says.</summary>
    public int MaxFrameSize { get; set; } = 512;

    /// <summary>True when more bytes wait than a peer that reads would leave.</summary>
    public bool IsCongested => _pending.Length >= highWaterBytes;

    public int PendingBytes => _pending.Length;

    public bool IsEmpty => _pending.Length == 0 && !_hasRange;

    public void WriteProtocolHeader(byte protocolId) =>
        _pending.WriteRaw([(byte)'A', (byte)'M', (byte)'Q', (byte)'P', protocolId, 1, 0, 0]);

    /// <summary>Starts a frame; write its body to the writer, then end it.</summary>
    public AmqpWriter Begin(byte type, ushort channel, out int start)
    {
        FlushRange();
        start = FrameWriter.Begin(_pending, type, channel);
        return _pending;
    }

    public void End(int start) => FrameWriter.End(_pending, start);

    public void Heartbeat() => FrameWriter.WriteHeartbeat(_pending);

    public void Disposition(ushort channel, in Disposition disposition)
    {
        if (_hasRange && channel == _rangeChannel && disposition.IsReceiver == _range.IsReceiver && disposition.Settled == _range.Settled
            && disposition.First == unchecked(_rangeLast + 1) && ReferenceEquals(disposition.State, _range.State))
        {
            _rangeLast = disposition.Last ?? disposition.First;
            return;
        }

        FlushRange();
        _range = disposition;
        _rangeChannel = channel;
        _rangeLast = disposition.Last ?? disposition.First;
        _hasRange = true;
    }

    /// <summary>
    /// Sees to it that what was written leaves: at the end of the read loop's batch when called on its thread, else by a scheduled flush.
    /// </summary>
    public void Wake()
    {
        if (_flushing || _loopThread == Environment.CurrentManagedThreadId || ScheduleFlush is null || IsEmpty)
        {
            return;
        }

        _flushing = true;
        ScheduleFlush();
    }

    public void BeginBatch() => _loopThread = Environment.CurrentManagedThreadId;

    /// <returns>True when the caller has to flush now.</returns>
    public bool EndBatch()
    {
        _loopThread = 0;
        if (_flushing || IsEmpty)
        {
            return false;
        }

        _flushing = true;
        return true;
    }

    /// <summary>Swaps the bytes to write for an empty writer.</summary>
    /// <returns>False when there is nothing: the flush is over.</returns>
    public bool TryTake(ref AmqpWriter empty)
    {
        FlushRange();
        if (_pending.Length == 0)
        {
            _flushing = false;
            return false;
        }

        (_pending, empty) = (empty, _pending);
        return true;
    }

    public void AddBlocked(SendingLink link)
    {
        if (!link.IsBlocked)
        {
            link.IsBlocked = true;
            _blocked.Add(link);
        }
    }

    /// <summary>Moves the links that were told Congested into a list of the caller's.</summary>
    public void TakeBlocked(List<SendingLink> links)
    {
        foreach (var link in _blocked)
        {
            link.IsBlocked = false;
            links.Add(link);
        }

        _blocked.Clear();
    }

    public bool HasBlocked => _blocked.Count > 0;

    public void Release() => _pending.Dispose();

    private void FlushRange()
    {
        if (!_hasRange)
        {
            return;
        }

        _hasRange = false;
        _range.Last = _rangeLast;
        var start = FrameWriter.Begin(_pending, FrameWriter.AmqpType, _rangeChannel);
        _range.Write(_pending);
        FrameWriter.End(_pending, start);
        _range = default;
    }
}
