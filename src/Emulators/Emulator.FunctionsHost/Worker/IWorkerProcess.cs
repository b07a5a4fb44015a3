namespace Emulator.FunctionsHost.Worker;

/// <summary>A worker that was started. Ends by itself or is killed; the owner disposes it.</summary>
internal interface IWorkerProcess : IAsyncDisposable
{
    /// <summary>The system's number of the process.</summary>
    int Id { get; }

    /// <summary>Done when the process has ended and its output is read; never fails.</summary>
    Task<WorkerExit> Exited { get; }

    /// <summary>Ends the process and all it started, at once. Does nothing where it has ended.</summary>
    void Kill();
}

/// <summary>How a worker ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="LastErrors">The last lines of its standard error, at most three, joined; empty for none.</param>
internal sealed record WorkerExit(int Code, string LastErrors)
{
    public override string ToString() => LastErrors.Length == 0 ? $"exit code {Code}" : $"exit code {Code}: {LastErrors}";
}

/// <summary>Starts a worker that is to call the given address as the given id.</summary>
/// <exception cref="WorkerException">There is nothing to start.</exception>
internal delegate IWorkerProcess StartWorker(Uri grpc, string workerId);
