namespace Emulator.FunctionsHost.Triggers;

/// <summary>Starts one function whenever its trigger says so. Started once, stopped once.</summary>
internal interface ITriggerListener
{
    /// <summary>Returns as soon as the listener runs; trouble with the service is retried behind it.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Starts no more invocations and waits for those that run.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task StopAsync(CancellationToken cancellationToken);
}
