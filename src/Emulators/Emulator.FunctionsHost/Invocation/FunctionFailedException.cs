namespace Emulator.FunctionsHost.Invocation;

/// <summary>
/// A function that failed, was cancelled, ran too long or was lost with
/// its worker. Wraps whatever it was: bare, a cancellation would leave a
/// message locked, and a lost lock of some other message would be taken for its own.
/// </summary>
internal sealed class FunctionFailedException(string message, Exception? inner, FunctionFailure failure) : Exception(message, inner)
{
    public FunctionFailure Failure => failure;
}

/// <summary>Why a function failed.</summary>
internal enum FunctionFailure
{
    /// <summary>It threw.</summary>
    Threw,

    /// <summary>It was told to stop, and did, or was never started.</summary>
    Canceled,

    /// <summary>It ran longer than functionTimeout.</summary>
    TimedOut,

    /// <summary>Its worker ended: nobody knows how far it came.</summary>
    WorkerLost,
}
