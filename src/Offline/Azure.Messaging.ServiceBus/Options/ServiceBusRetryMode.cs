namespace Azure.Messaging.ServiceBus;

/// <summary>How the delay between attempts grows.</summary>
public enum ServiceBusRetryMode
{
    /// <summary>Every delay is <see cref="ServiceBusRetryOptions.Delay"/>.</summary>
    Fixed = 0,

    /// <summary>The delay doubles with each attempt, up to <see cref="ServiceBusRetryOptions.MaxDelay"/>.</summary>
    Exponential = 1,
}
