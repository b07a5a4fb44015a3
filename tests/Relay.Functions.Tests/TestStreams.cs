namespace Relay.Functions.Tests;

/// <summary>A body that must not be read.</summary>
internal sealed class UnreadableStream : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("read");
}

/// <summary>A body without end; counts what it gave.</summary>
internal sealed class EndlessStream : MemoryStream
{
    public int Given { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = Math.Min(buffer.Length, 1_000);
        Given += length;
        return new(length);
    }
}
