using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Emulator.Functions.HostJson;
using Emulator.Functions.Indexing;
using Emulator.Functions.Invocation;
using Emulator.Functions.Settings;
using Emulator.Functions.Triggers;
using Emulator.Functions.Triggers.Http;
using Emulator.Functions.Triggers.ServiceBus;
using Emulator.Functions.Triggers.Timer;

namespace Emulator.Functions;

/// <summary>Puts a <see cref="FunctionsHost"/> together. Nothing runs yet when it is done.</summary>
internal static class FunctionsHostBuilder
{
    // What Azure's front end takes on every plan.
    private const long MaxRequestBodyBytes = 100 * 1024 * 1024;

    /// <exception cref="FunctionsHostException">Whatever can be found wrong without starting anything.</exception>
    public static FunctionsHost Build(FunctionsHostOptions options)
    {
        var errors = new List<string>();
        var warnings = new List<string>();
        var builder = CreateBuilder(options, errors);
        var settings = ReadHostJson(options, builder.Configuration, errors, warnings);
        var reader = new TriggerReader(builder.Configuration, settings.RoutePrefix, errors);
        var functions = new FunctionIndexer(reader, builder.Configuration, errors, warnings)
            .Index(options.FunctionTypes ?? options.FunctionAssembly.GetTypes());
        if (functions.Count == 0 && errors.Count == 0)
        {
            errors.Add($"{options.FunctionAssembly.GetName().Name} has no public method with [Function] that is enabled.");
        }

        if (errors.Count > 0)
        {
            throw new FunctionsHostException(errors);
        }

        var worker = new WorkerBuilder(builder.Services);
        AddServices(builder, options);
        options.ConfigureServices?.Invoke(builder.Services);
        options.Configure(worker, builder.Configuration);
        return Compose(builder.Build(), worker, functions, settings, options, warnings);
    }

    private static WebApplicationBuilder CreateBuilder(FunctionsHostOptions options, List<string> errors)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppSettings.FolderOf(options),
            EnvironmentName = Environments.Development,
        });
        AppSettings.AddTo(builder.Configuration, options, AppSettings.ReadFile(options, errors));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes;
            kestrel.Listen(IPAddress.Loopback, options.HttpPort);
            if (options.ServerCertificate is { } certificate) kestrel.Listen(IPAddress.Loopback, options.HttpsPort, listen => UseHttps(listen, certificate));
        });
        return builder;
    }

    // As the platform's front end with optional client certificates: asks for one, and takes any, even one that nobody knows.
    private static void UseHttps(ListenOptions listen, X509Certificate2 certificate) => listen.UseHttps(https =>
    {
        https.ServerCertificate = certificate;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
    });

    private static HostSettings ReadHostJson(FunctionsHostOptions options, IConfiguration configuration, List<string> errors, List<string> warnings)
    {
        var path = options.HostJsonPath ?? Path.Combine(AppSettings.FolderOf(options), HostJsonFile.FileName);
        if (!File.Exists(path))
        {
            if (options.HostJsonPath is not null)
            {
                errors.Add($"{path}: there is no such file.");
            }
            else
            {
                warnings.Add($"There is no {HostJsonFile.FileName} beside the function app: the host's defaults apply.");
            }

            return HostJsonFile.Parse(null, configuration, errors, warnings);
        }

        using var file = File.OpenRead(path);
        return HostJsonFile.Parse(file, configuration, errors, warnings);
    }

    private static void AddServices(WebApplicationBuilder builder, FunctionsHostOptions options)
    {
        var services = builder.Services;
        services.AddSingleton(options.TimeProvider);
        services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        services.AddRoutingCore();

        // Results such as ObjectResult find their writers here. The worker adds all of MVC; views have no place in a function.
        services.AddMvcCore();
        if (options.LoggerFactory is not null)
        {
            services.AddSingleton(options.LoggerFactory);
        }
        else
        {
            options.ConfigureLogging?.Invoke(builder.Logging);
        }
    }

    private static FunctionsHost Compose(
        WebApplication app,
        WorkerBuilder worker,
        IReadOnlyList<FunctionDescriptor> functions,
        HostSettings settings,
        FunctionsHostOptions options,
        List<string> warnings)
    {
        var services = app.Services;
        var logger = services.GetRequiredService<ILogger<FunctionsHost>>();
        warnings.ForEach(warning => FunctionsHostLog.Configuration(logger, warning));
        var stopping = new CancellationTokenSource();
        var clients = new ServiceBusClients(settings.ServiceBus, services.GetService<TokenCredential>(), options.CreateServiceBusClient);
        var invoker = new FunctionInvoker(
            services.GetRequiredService<IServiceScopeFactory>(),
            worker,
            settings.FunctionTimeout,
            options.TimeProvider,
            services.GetRequiredService<ILogger<FunctionInvoker>>());
        var http = new HttpFunctions(invoker, new FunctionKey(options.FunctionKey), services.GetRequiredService<ILogger<HttpFunctions>>(), stopping.Token);
        var listeners = new List<ITriggerListener>();
        foreach (var function in functions)
        {
            switch (function.Trigger)
            {
                case HttpTriggerDescriptor:
                    http.Map(app, function);
                    break;
                case ServiceBusTriggerDescriptor trigger:
                    listeners.Add(new ServiceBusListener(
                        function, clients.Get(trigger.Connection), settings.ServiceBus, invoker, options.TimeProvider,
                        services.GetRequiredService<ILogger<ServiceBusListener>>(), stopping.Token));
                    break;
                case TimerTriggerDescriptor:
                    listeners.Add(new TimerListener(
                        function, invoker, options.TimeProvider, services.GetRequiredService<ILogger<TimerListener>>(), stopping.Token));
                    break;
            }
        }

        var summaries = functions.Select(function => function.ToSummary()).OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        return new FunctionsHost(app, clients, listeners, summaries, stopping, options);
    }

    // The process's signals belong to whoever runs the host.
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
