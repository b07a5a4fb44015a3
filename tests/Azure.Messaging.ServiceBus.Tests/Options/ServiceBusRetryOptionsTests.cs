namespace Azure.Messaging.ServiceBus.Tests.Options;

public sealed class ServiceBusRetryOptionsTests
{
    private static readonly ServiceBusException Transient = new(true, "again");

    [Fact]
    public void Defaults_AreTheDocumentedOnes()
    {
        var options = new ServiceBusRetryOptions();

        Assert.Equal(ServiceBusRetryMode.Exponential, options.Mode);
        Assert.Equal(3, options.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(0.8), options.Delay);
        Assert.Equal(TimeSpan.FromMinutes(1), options.MaxDelay);
        Assert.Equal(TimeSpan.FromMinutes(1), options.TryTimeout);
        Assert.Null(options.CustomRetryPolicy);
    }

    [Fact]
    public void Setters_OutsideTheRange_Throw()
    {
        var options = new ServiceBusRetryOptions();

        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxRetries = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxRetries = 101);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Delay = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Delay = TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxDelay = TimeSpan.FromTicks(-1));
        Assert.Throws<ArgumentException>(() => options.TryTimeout = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.TryTimeout = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1));
        Assert.Throws<ArgumentNullException>(() => new ServiceBusClientOptions().RetryOptions = null!);
    }

    [Theory]
    [InlineData(1, 1.6)]
    [InlineData(2, 3.2)]
    [InlineData(3, 6.4)]
    public void CalculateRetryDelay_Exponential_DoublesPerAttempt(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Policy(new ServiceBusRetryOptions(), jitter: 0).CalculateRetryDelay(Transient, attempt));

    [Fact]
    public void CalculateRetryDelay_FullJitter_AddsEightHundredthsOfTheBase() =>
        Assert.Equal(TimeSpan.FromSeconds(1.664), Policy(new ServiceBusRetryOptions(), jitter: 1).CalculateRetryDelay(Transient, 1));

    [Fact]
    public void CalculateRetryDelay_Fixed_StaysTheSame()
    {
        var policy = Policy(new ServiceBusRetryOptions { Mode = ServiceBusRetryMode.Fixed, Delay = TimeSpan.FromSeconds(2) }, jitter: 0);

        Assert.Equal(TimeSpan.FromSeconds(2), policy.CalculateRetryDelay(Transient, 1));
        Assert.Equal(TimeSpan.FromSeconds(2), policy.CalculateRetryDelay(Transient, 3));
    }

    [Fact]
    public void CalculateRetryDelay_BeyondMaxDelay_IsMaxDelay() =>
        Assert.Equal(TimeSpan.FromMinutes(1), Policy(new ServiceBusRetryOptions { MaxRetries = 100 }, jitter: 1).CalculateRetryDelay(Transient, 100));

    [Fact]
    public void CalculateRetryDelay_TriesUsedUp_IsNull() =>
        Assert.Null(Policy(new ServiceBusRetryOptions(), jitter: 0).CalculateRetryDelay(Transient, 4));

    [Fact]
    public void CalculateRetryDelay_ByException_RetriesTransientOnesOnly()
    {
        var policy = Policy(new ServiceBusRetryOptions(), jitter: 0);

        Assert.NotNull(policy.CalculateRetryDelay(new TimeoutException(), 1));
        Assert.NotNull(policy.CalculateRetryDelay(new IOException(), 1));
        Assert.NotNull(policy.CalculateRetryDelay(new UnauthorizedAccessException(), 1));
        Assert.Null(policy.CalculateRetryDelay(new ServiceBusException(false, "never"), 1));
        Assert.Null(policy.CalculateRetryDelay(new InvalidOperationException(), 1));
        Assert.Null(policy.CalculateRetryDelay(new OperationCanceledException(), 1));
    }

    private static OptionsRetryPolicy Policy(ServiceBusRetryOptions options, double jitter) => new(options, () => jitter);
}
