using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Emulator.Functions.Tests;

public sealed class FunctionsHostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WrongAppSettingsAndHostJson_ReportsAllAtOnce()
    {
        var test = new TestHost { HostJson = """{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }""" };

        var error = await Assert.ThrowsAsync<FunctionsHostException>(() => test.StartAsync(typeof(NoConnection), typeof(NoQueueName)));

        // The limit, two missing connections, one missing name.
        Assert.Equal(4, error.Errors.Count);
        Assert.All(error.Errors, reason => Assert.Contains(reason, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_MissingFilesThatWereNamed_AreErrors()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var options = new FunctionsHostOptions
        {
            FunctionAssembly = typeof(FunctionsHostTests).Assembly,
            FunctionTypes = [typeof(Hello)],
            HostJsonPath = missing,
            LocalSettingsPath = missing,
        };

        var error = await Assert.ThrowsAsync<FunctionsHostException>(() => FunctionsHost.StartAsync(options, Cancel));

        Assert.Equal(2, error.Errors.Count);
    }

    [Fact]
    public async Task Start_NoFunctions_IsAnError() =>
        await Assert.ThrowsAsync<FunctionsHostException>(() => new TestHost().StartAsync(typeof(FunctionsHostTests)));

    [Fact]
    public async Task Start_InvalidOptionsOfTheApp_StopTheStart()
    {
        var test = new TestHost
        {
            Services = services => services.AddOptions<HostOptions>().Validate(_ => false, "app says no").ValidateOnStart(),
        };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => test.StartAsync(typeof(Hello)));

        Assert.Equal("app says no", Assert.Single(error.Failures));
    }

    [Fact]
    public async Task Start_App_FindsEarlierServicesAndItsSettings()
    {
        var path = Path.Combine(Path.GetTempPath(), $"relay-local-settings-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, """{ "Values": { "A": "file", "B__C": "file", "Path": "never" } }""", Cancel);
        try
        {
            string? seen = null;
            await using var host = await FunctionsHost.StartAsync(
                new FunctionsHostOptions
                {
                    FunctionAssembly = typeof(FunctionsHostTests).Assembly,
                    FunctionTypes = [typeof(Hello)],
                    LocalSettingsPath = path,
                    Settings = new Dictionary<string, string?> { ["A"] = "caller" },
                    ConfigureServices = services => services.AddSingleton("first"),
                    Configure = (worker, configuration) =>
                    {
                        worker.Services.TryAddSingleton("second");
                        seen = $"{configuration["A"]} {configuration["B:C"]} {configuration["PATH"] == Environment.GetEnvironmentVariable("PATH")}";
                    },
                },
                Cancel);

            Assert.Equal("caller file True", seen);
            Assert.Equal("first", host.Services.GetRequiredService<string>());
            Assert.Same(TimeProvider.System, host.Services.GetRequiredService<TimeProvider>());
            Assert.Equal("caller", host.Services.GetRequiredService<IConfiguration>()["A"]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Start_HostedServicesOfTheApp_AreStartedAndStopped()
    {
        var service = new Hosted();
        var test = new TestHost { Services = services => services.AddSingleton<IHostedService>(service) };

        await using (await test.StartAsync(typeof(Hello)))
        {
            Assert.Equal("started", service.State);
        }

        Assert.Equal("stopped", service.State);
    }

    [Fact]
    public async Task Functions_RunningHost_AreListedByName()
    {
        await using var host = await new TestHost { Client = (_, _) => new Triggers.ServiceBus.FakeServiceBusClient() }
            .With("Queue", "inbox")
            .With("Bus", "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;")
            .StartAsync(typeof(NoQueueName), typeof(Hello));

        Assert.Equal(
            [new FunctionSummary("Hello", "httpTrigger", "GET /api/hello"), new FunctionSummary("NoQueueName", "serviceBusTrigger", "inbox")],
            host.Functions);
        Assert.Equal("127.0.0.1", host.HttpAddress.Host);
        Assert.NotEqual(0, host.HttpAddress.Port);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSo()
    {
        await using var first = await new TestHost().StartAsync(typeof(Hello));
        var options = new FunctionsHostOptions
        {
            FunctionAssembly = typeof(FunctionsHostTests).Assembly,
            FunctionTypes = [typeof(Hello)],
            HttpPort = first.HttpAddress.Port,
        };

        await Assert.ThrowsAsync<IOException>(() => FunctionsHost.StartAsync(options, Cancel));
    }

    [Fact]
    public async Task Dispose_Twice_IsHarmlessAndFreesThePort()
    {
        var host = await new TestHost().StartAsync(typeof(Hello));
        await host.StopAsync(Cancel);
        await host.StopAsync(Cancel);
        await host.DisposeAsync();
        await host.DisposeAsync();

        using var client = new HttpClient { BaseAddress = host.HttpAddress };
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("api/hello", UriKind.Relative), Cancel));
    }

    private sealed class Hosted : IHostedService
    {
        public string State { get; private set; } = "new";

        public Task StartAsync(CancellationToken cancellationToken)
        {
            State = "started";
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            State = "stopped";
            return Task.CompletedTask;
        }
    }

#pragma warning disable CA1822 // Functions are instance methods.
    public sealed class Hello
    {
        [Function("Hello")]
        public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hello")] HttpRequest request) => Results.Ok();
    }

    public sealed class NoConnection
    {
        [Function("NoConnection")]
        public void Run([ServiceBusTrigger("q", Connection = "NoSuchBus")] ServiceBusReceivedMessage message)
        {
        }
    }

    public sealed class NoQueueName
    {
        [Function("NoQueueName")]
        public void Run([ServiceBusTrigger("%Queue%", Connection = "Bus")] ServiceBusReceivedMessage message)
        {
        }
    }
#pragma warning restore CA1822
}
