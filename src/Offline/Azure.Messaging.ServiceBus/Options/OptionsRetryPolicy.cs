using System.Net.Sockets;

namespace Azure.Messaging.ServiceBus;

/// <summary>The retry policy that <see cref="ServiceBusRetryOptions"/> describe.</summary>
/// <param name="options">Not changed afterwards.</param>
/// <param name="nextJitter">A number from 0 up to 1, drawn for each delay.</param>
internal sealed class OptionsRetryPolicy(ServiceBusRetryOptions options, Func<double> nextJitter) : ServiceBusRetryPolicy
{
    // Share of the base delay that is drawn at random, so that clients cut off together do not come back together.
    private const double JitterShare = 0.08;

    /// <inheritdoc/>
    public override TimeSpan CalculateTryTimeout(int attemptCount) => options.TryTimeout;

    /// <inheritdoc/>
    public override TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount)
    {
        if (attemptCount > options.MaxRetries || options.MaxDelay == TimeSpan.Zero || !IsWorthRetrying(lastException))
        {
            return null;
        }

        var factor = options.Mode switch
        {
            ServiceBusRetryMode.Fixed => 1,
            ServiceBusRetryMode.Exponential => Math.Pow(2, attemptCount),
        };
        var seconds = options.Delay.TotalSeconds * (factor + (JitterShare * nextJitter()));
        return seconds >= options.MaxDelay.TotalSeconds ? options.MaxDelay : TimeSpan.FromSeconds(seconds);
    }

    private static bool IsWorthRetrying(Exception? exception) => exception switch
    {
        ServiceBusException failure => failure.IsTransient,
        TimeoutException or IOException or SocketException or UnauthorizedAccessException => true,
        _ => false,
    };
}
