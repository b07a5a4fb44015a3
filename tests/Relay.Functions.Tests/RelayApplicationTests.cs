using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Relay.Core;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Functions.Middleware;
using Relay.Functions.Reading;
using Relay.Functions.Settlement;
using Relay.Testing;

namespace Relay.Functions.Tests;

public sealed class RelayApplicationTests
{
    private static readonly Dictionary<string, string?> GoodSettings = new()
    {
        ["ServiceBus"] =
            "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;",
        ["Relay:Directory:Folder"] = "/tmp",
        ["Relay:Ledger:ConnectionString"] = "UseDevelopmentStorage=true",
        ["Relay:Ledger:VaultUri"] = "https://kv.vault.azure.net/",
    };

    [Fact]
    public async Task AddRelay_GoodSettings_BuildsEveryFunction()
    {
        await using var services = Build(GoodSettings);
        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.NotNull(services.GetRequiredService<RelayPipeline>());
        Assert.NotNull(services.GetRequiredService<EnvelopeProcessor>());
        Assert.NotNull(services.GetRequiredService<CallerMiddleware>());
        foreach (var function in new[]
        {
            typeof(RelayEnvelope),
            typeof(RelayUrgentEnvelope),
            typeof(SubmitEnvelope),
            typeof(AcknowledgeEnvelope),
            typeof(DelegationPrekeys),
            typeof(RelayMaintenance),
            typeof(Health),
        })
        {
            Assert.NotNull(ActivatorUtilities.CreateInstance(services, function));
        }
    }

    [Fact]
    public async Task AddRelay_RegisteredBefore_Wins()
    {
        var time = new ManualTimeProvider();
        await using var services = Build(GoodSettings, before => before.AddSingleton<TimeProvider>(time));
        Assert.Same(time, services.GetRequiredService<TimeProvider>());
    }

    [Fact]
    public async Task AddRelay_BadSettings_AreReportedAllAtOnce()
    {
        await using var services = Build(new()
        {
            ["Relay:Envelope:MaxBytes"] = "1",
            ["Relay:KeyVault:CertificateThumbprint"] = "abc",
            ["Relay:KeyVault:KeyMaxAge"] = "1.00:00:00",
            ["Relay:Directory:RefreshAfter"] = "00:10:00",
            ["Relay:Directory:Topics:0"] = "signals",
            ["Relay:Ledger:RelayName"] = "No Name",
            ["Relay:Ledger:MaxGroup"] = "257",
            ["Relay:Prekeys:PerSecond"] = "0",
            ["Relay:Acknowledgement:PerSecond"] = "10001",
            ["Relay:Operators:Certificates:0"] = "me",
        });

        var exception = Assert.ThrowsAny<Exception>(() => services.GetRequiredService<IStartupValidator>().Validate());

        var text = exception.ToString();
        foreach (var expected in new[]
        {
            "MaxBytes",
            "CertificateThumbprint",
            "KeyMaxAge",
            "RefreshAfter",
            "'signals'",
            "got neither",
            "Relay:Directory:Folder",
            "Relay:Ledger:Folder",
            "RelayName",
            "MaxGroup",
            "Relay:Prekeys.PerSecond",
            "Relay:Acknowledgement.PerSecond",
            "VaultUri",
            "got 'me'",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SignalPublisher_WhereTheStoreDoesNotAnswer_EndsInTime()
    {
        var time = new ManualTimeProvider();
        var store = new SilentStore();
        await using var services = Build(
            GoodSettings, before => before.AddSingleton<TimeProvider>(time).AddSingleton<ILedgerStore>(store));
        var run = services.GetRequiredService<SignalPublisher>().RunAsync(TestContext.Current.CancellationToken);
        await TestDeadline.Within(store.Asked);
        Assert.False(run.IsCompleted);
        time.Advance(services.GetRequiredService<IOptions<LedgerOptions>>().Value.StoreTimeout);
        await TestDeadline.Within(run);
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<IServiceCollection>? before = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        before?.Invoke(services);
        new Builder(services).AddRelay(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    // Lists one negotiation, and then says nothing more.
    private sealed class SilentStore : ILedgerStore
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return new(new TaskCompletionSource<StoredBlob?>().Task);
        }

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
            new[] { LedgerPaths.Marker("doha-2026") }.ToAsyncEnumerable();

        public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Builder(IServiceCollection services) : IFunctionsWorkerApplicationBuilder
    {
        public IServiceCollection Services => services;

        public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware) => this;
    }
}
