namespace Emulator.FunctionsHost.Worker;

/// <summary>A worker that did not start as it must, or is no longer there.</summary>
internal sealed class WorkerException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the request cannot have reached the worker, so that another worker may be asked.</summary>
    public bool NeverSent { get; init; }
}
