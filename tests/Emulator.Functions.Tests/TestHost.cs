using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Emulator.Functions.Tests;

/// <summary>Starts a host for a few function classes of this assembly, on a free port, with logs kept.</summary>
internal sealed class TestHost
{
    private readonly Dictionary<string, string?> _settings = [];

    public RecordingLoggerFactory Logs { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string? HostJson { get; init; }

    public string? FunctionKey { get; init; }

    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public Action<IFunctionsWorkerApplicationBuilder> Configure { get; init; } = static _ => { };

    public Action<IServiceCollection> Services { get; init; } = static _ => { };

    public Func<string, ServiceBusClientOptions, ServiceBusClient>? Client { get; init; }

    public TestHost With(string name, string? value)
    {
        _settings[name] = value;
        return this;
    }

    public async Task<FunctionsHost> StartAsync(params Type[] functions)
    {
        var hostJson = Path.Combine(Path.GetTempPath(), $"relay-functions-host-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(hostJson, HostJson ?? """{ "version": "2.0" }""", TestContext.Current.CancellationToken);
        try
        {
            return await FunctionsHost.StartAsync(
                new FunctionsHostOptions
                {
                    FunctionAssembly = typeof(TestHost).Assembly,
                    FunctionTypes = functions,
                    HostJsonPath = hostJson,
                    Settings = _settings,
                    FunctionKey = FunctionKey,
                    Configure = (worker, _) => Configure(worker),
                    ConfigureServices = Services,
                    TimeProvider = Time,
                    LoggerFactory = Logs,
                    ShutdownTimeout = ShutdownTimeout,
                    CreateServiceBusClient = Client,
                },
                TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(hostJson);
        }
    }
}
