namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// A response body that keeps what is written until it is known how the function ended, so that a failure can still become a 500. Past
/// <see cref="Capacity"/> it keeps nothing back any longer: a long answer streams, and a failure after that cuts it off. An answer
/// that is a stream of events is never kept back: it ends when somebody is tired of it.
/// </summary>
/// <param name="inner">Where it goes; writing there starts the response.</param>
/// <param name="isStream">Asked with the first write: whether the answer is one that nobody waits for the end of.</param>
internal sealed class HeldBody(Stream inner, Func<bool> isStream) : Stream
{
    /// <summary>Bytes that are kept back: 1 MiB.</summary>
    public const int Capacity = 1_024 * 1_024;

    private readonly MemoryStream _kept = new();
    private bool _passes;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes what was kept. After the last write.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        _passes = true;
        if (_kept.Length > 0)
        {
            await inner.WriteAsync(_kept.GetBuffer().AsMemory(0, (int)_kept.Length), cancellationToken).ConfigureAwait(false);
        }
        _kept.SetLength(0);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_passes && _kept.Length + buffer.Length <= Capacity && !(_kept.Length == 0 && isStream()))
        {
            _kept.Write(buffer.Span);
            return;
        }

        if (!_passes) await ReleaseAsync(cancellationToken).ConfigureAwait(false);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _passes ? inner.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _kept.Dispose();
        base.Dispose(disposing);
    }
}
