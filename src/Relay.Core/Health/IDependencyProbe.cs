namespace Relay.Core.Health;

/// <summary>Port: one harmless call at a dependency.</summary>
public interface IDependencyProbe
{
    /// <summary>Which.</summary>
    Dependency Dependency { get; }

    /// <summary>Makes the call.</summary>
    /// <param name="cancellationToken">Ends it: the answer is late.</param>
    /// <returns>False when the dependency cannot be used; it does not throw but for the cancellation.</returns>
    ValueTask<bool> ProbeAsync(CancellationToken cancellationToken);
}
