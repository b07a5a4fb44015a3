namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// Tells a new error from the same one over again: a processor whose entity is missing reports it at every try. Thread-safe.
/// </summary>
internal sealed class RepeatedErrors(TimeProvider timeProvider)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    // Guards the two fields below; no await happens inside.
    private readonly Lock _gate = new();
    private string? _last;
    private long _reported;

    /// <summary>
    /// True for an error other than the last one, and for the last one again once 30 s have passed since it was reported.
    /// </summary>
    public bool IsNew(string error)
    {
        lock (_gate)
        {
            if (error == _last && timeProvider.GetElapsedTime(_reported) < Quiet)
            {
                return false;
            }

            _last = error;
            _reported = timeProvider.GetTimestamp();
            return true;
        }
    }
}
