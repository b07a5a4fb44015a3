using Emulator.FunctionsHost.Protocol;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>How often, and after how long, a function that failed is run again.</summary>
/// <param name="MaxRetries">-1 for without end.</param>
/// <param name="Grows">Whether each wait is twice the one before, from <paramref name="Least"/>
/// to <paramref name="Most"/>; else each is <paramref name="Least"/>.</param>
internal sealed record RetryPolicy(int MaxRetries, bool Grows, TimeSpan Least, TimeSpan Most)
{
    public static RetryPolicy? From(RpcRetryOptions? options)
    {
        if (options is null || options.MaxRetryCount == 0) return null;
        return options.RetryStrategy switch
        {
            RpcRetryOptions.Types.RetryStrategy.FixedDelay => Fixed(options),
            RpcRetryOptions.Types.RetryStrategy.ExponentialBackoff => new RetryPolicy(
                options.MaxRetryCount,
                Grows: true,
                options.MinimumInterval?.ToTimeSpan() ?? TimeSpan.Zero,
                options.MaximumInterval?.ToTimeSpan() ?? TimeSpan.Zero),
            _ =>
                throw new ArgumentOutOfRangeException(
                    nameof(options), options.RetryStrategy, "Expected a fixed delay or exponential back-off."),
        };
    }

    /// <param name="count">1 for the first retry.</param>
    public TimeSpan DelayBefore(int count)
    {
        var delay = Least;
        for (var i = 1; Grows && i < count && delay < Most && delay > TimeSpan.Zero; i++)
        {
            delay *= 2;
        }

        return delay < Most ? delay : Most;
    }

    private static RetryPolicy Fixed(RpcRetryOptions options)
    {
        var delay = options.DelayInterval?.ToTimeSpan() ?? TimeSpan.Zero;
        return new RetryPolicy(options.MaxRetryCount, Grows: false, delay, delay);
    }
}
