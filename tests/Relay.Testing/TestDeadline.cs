namespace Relay.Testing;

/// <summary>Waits on signals with a deadline, so that a lost signal fails a test instead of hanging it.</summary>
public static class TestDeadline
{
    /// <summary>Generous on purpose: a test that comes near it is broken, not slow.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(180);

    /// <summary>Awaits <paramref name="task"/>, at most <see cref="Default"/>, and not past the running test's cancellation.</summary>
    /// <exception cref="TimeoutException">The deadline passed first.</exception>
    public static Task Within(Task task) => task.WaitAsync(Default, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="Within(Task)"/>
    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Default, TestContext.Current.CancellationToken);

    /// <summary>Polls <paramref name="condition"/> between yields until it holds; for state that offers no signal.</summary>
    /// <exception cref="TimeoutException">It did not hold within <see cref="Default"/>;
    /// the message carries <paramref name="what"/>.</exception>
    public static async Task Until(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Default)
            {
                throw new TimeoutException($"Not seen within {Default.TotalSeconds:0} s: {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
