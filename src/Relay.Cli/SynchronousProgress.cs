namespace Relay.Cli;

/// <summary>Reports on the caller's thread, in order: <see cref="Progress{T}"/> would post to the pool and print out of order.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
