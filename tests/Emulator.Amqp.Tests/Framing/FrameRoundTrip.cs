using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Framing;

/// <summary>Reads a whole frame with the codec alone and writes it again.</summary>
internal static class FrameRoundTrip
{
    /// <returns>False when the frame does not decode; nothing is ever thrown for bad bytes.</returns>
    public static bool TryRewrite(ReadOnlySpan<byte> frame, out byte[] rewritten, out object? performative)
    {
        rewritten = [];
        performative = null;
        if (frame.Length < FrameWriter.HeaderSize || frame[4] * 4 < FrameWriter.HeaderSize || frame[4] * 4 > frame.Length)
        {
            return false;
        }

        var reader = new AmqpReader(frame[(frame[4] * 4)..]);
        if (!reader.TryReadDescriptor(out var descriptor))
        {
            return false;
        }

        using var writer = new AmqpWriter();
        var start = FrameWriter.Begin(writer, frame[5], BinaryPrimitives.ReadUInt16BigEndian(frame[6..]));
        var ok = Rewrite(descriptor, ref reader, writer, out performative);
        writer.WriteRaw(reader.Rest);
        FrameWriter.End(writer, start);
        rewritten = writer.ToArray();
        return ok;
    }

    private static bool Rewrite(ulong descriptor, ref AmqpReader reader, AmqpWriter writer, out object? performative)
    {
        bool ok;
        performative = null;
        switch (descriptor)
        {
            case Descriptor.SaslMechanisms:
                ok = SaslMechanisms.TryRead(
                ref reader, out var mechanisms); performative = mechanisms; if (ok) mechanisms.Write(writer); break;
            case Descriptor.SaslInit:
                ok = SaslInit.TryRead(ref reader, out var init); performative = init; if (ok) init!
                .Write(writer); break;
            case Descriptor.SaslOutcome:
                ok = SaslOutcome.TryRead(ref reader, out var outcome); performative = outcome; if (ok) outcome
                .Write(writer); break;
            case Descriptor.Open: ok = Open.TryRead(ref reader, out var open); performative = open; if (ok) open!.Write(writer); break;
            case Descriptor.Begin: ok = Begin.TryRead(ref reader, out var begin); performative = begin; if (ok) begin!.Write(writer); break;
            case Descriptor.Attach:
                ok = Attach.TryRead(ref reader, out var attach); performative = attach; if (ok) attach!
                .Write(writer); break;
            case Descriptor.Flow: ok = Flow.TryRead(ref reader, out var flow); performative = flow; if (ok) flow.Write(writer); break;
            case Descriptor.Transfer: ok = Transfer.TryRead(ref reader, out var transfer); if (ok) transfer.Write(writer); break;
            case Descriptor.Disposition:
                ok = Disposition.TryRead(
                ref reader, out var disposition); performative = disposition; if (ok) disposition.Write(writer); break;
            case Descriptor.Detach:
                ok = Detach.TryRead(ref reader, out var detach); performative = detach; if (ok) detach
                .Write(writer); break;
            case Descriptor.End: ok = End.TryRead(ref reader, out var end); performative = end; if (ok) end.Write(writer); break;
            case Descriptor.Close: ok = Close.TryRead(ref reader, out var close); performative = close; if (ok) close.Write(writer); break;
            default: ok = false; break;
        }

        return ok;
    }
}
