namespace Emulator.Amqp.State;

/// <summary>A payload in up to three parts that are written as one.</summary>
internal readonly ref struct PayloadParts
{
    private readonly ReadOnlySpan<byte> _first;
    private readonly ReadOnlySpan<byte> _second;
    private readonly ReadOnlySpan<byte> _third;

    public PayloadParts(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        _first = first;
        _second = second;
        _third = third;
        Length = first.Length + second.Length + third.Length;
    }

    public int Length { get; }

    public void CopyTo(Span<byte> destination, int offset)
    {
        CopyPart(_first, ref offset, ref destination);
        CopyPart(_second, ref offset, ref destination);
        CopyPart(_third, ref offset, ref destination);
    }

    private static void CopyPart(ReadOnlySpan<byte> part, ref int offset, ref Span<byte> destination)
    {
        if (offset >= part.Length)
        {
            offset -= part.Length;
            return;
        }

        var count = Math.Min(part.Length - offset, destination.Length);
        part.Slice(offset, count).CopyTo(destination);
        destination = destination[count..];
        offset = 0;
    }
}
