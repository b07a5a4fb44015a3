using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Relay.Core;
using Relay.Functions.Middleware;
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
            "VaultUri",
            "got 'me'",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<IServiceCollection>? before = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        before?.Invoke(services);
        new Builder(services).AddRelay(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    private sealed class Builder(IServiceCollection services) : IFunctionsWorkerApplicationBuilder
    {
        public IServiceCollection Services => services;

        public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware) => this;
    }
}
