using Microsoft.Extensions.Logging;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>What is done beside the start of a local stack's function app.</summary>
public sealed class LocalStackStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-start-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BesideAppStart_Given_RunsWithVaultAndDirectoryWhileTheAppStarts()
    {
        using var serving = new Awaited("Functions host serves");
        var done = false;
        var options = Options with
        {
            Logging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(serving),
            BesideAppStart = async (endpoints, cancellationToken) =>
            {
                Assert.True(File.Exists(LocalDirectory.PathOf(_folder, Options.Negotiation)));
                var vault = LocalVault.Open(endpoints, "start-tests", TimeProvider.System);
                await vault.GetKeyAsync("relay-checkpoint", cancellationToken: cancellationToken);

                // Comes only where the app starts meanwhile.
                await TestDeadline.Within(serving.Seen);
                done = true;
            },
        };

        await using var stack = await LocalStack.StartAsync(options, null, Cancel);

        Assert.True(done);
        Assert.NotNull(stack.WorkerProcessId);
    }

    [Fact]
    public async Task BesideAppStart_Fails_FailsTheStartAndStopsWhatHadStarted()
    {
        using var stopped = new Awaited("Functions host stopped");
        var options = Options with
        {
            Logging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(stopped),
            BesideAppStart = static (_, _) => Task.FromException(new InvalidDataException("not this time")),
        };

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => LocalStack.StartAsync(options, null, Cancel));

        Assert.Equal("not this time", thrown.Message);
        Assert.True(stopped.Seen.IsCompletedSuccessfully);
    }

    private LocalStackOptions Options => new() { StateFolder = _folder, AmqpPort = 0, VaultPort = 0, HttpPort = 0, HttpsPort = 0 };

    /// <summary>Signals the first log that starts so.</summary>
    private sealed class Awaited(string start) : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith(start, StringComparison.Ordinal)) _seen.TrySetResult();
        }

        public void Dispose()
        {
        }
    }
}
