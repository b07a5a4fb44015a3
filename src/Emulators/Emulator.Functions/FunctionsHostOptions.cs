using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Emulator.Functions;

/// <summary>What a <see cref="FunctionsHost"/> runs and where it finds its settings. Read once, at start.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>The function app: its public classes' public <c>[Function]</c> methods are run.</summary>
    public required Assembly FunctionAssembly { get; init; }

    /// <summary>Null: <c>host.json</c> beside the function assembly, or the host's defaults where there is none. A path given must exist.</summary>
    public string? HostJsonPath { get; init; }

    /// <summary>Null: <c>local.settings.json</c> beside the function assembly, where there is one. A path given must exist.</summary>
    public string? LocalSettingsPath { get; init; }

    /// <summary>App settings that win over the environment and local.settings.json. <c>__</c> in a name means <c>:</c>.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Port on loopback for HTTP functions: 0 to 65535, 0 (the default) for any free one.</summary>
    public int HttpPort { get; init; }

    /// <summary>
    /// Server certificate with its key, to serve HTTPS beside HTTP; the caller disposes it after the host. A client may then show a certificate of its own: whoever issued it, the app
    /// finds it on the connection and decides what it is worth. Null (the default): HTTP only.
    /// </summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>Port on loopback for HTTPS: 0 to 65535, 0 (the default) for any free one. Means nothing without <see cref="ServerCertificate"/>.</summary>
    public int HttpsPort { get; init; }

    /// <summary>
    /// Key that callers of functions with a level above Anonymous must send, as <c>x-functions-key</c> or <c>?code=</c>.
    /// Null (the default): every function is open, as under <c>func start</c>.
    /// </summary>
    public string? FunctionKey { get; init; }

    /// <summary>Registers the app's middleware and services. Runs after <see cref="ConfigureServices"/>.</summary>
    public Action<IFunctionsWorkerApplicationBuilder, IConfiguration> Configure { get; init; } = static (_, _) => { };

    /// <summary>Services registered before the app's own, so that an app which uses TryAdd takes these.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>Drives timers, time limits and trace times. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logs go; the caller disposes it. Null: <see cref="ConfigureLogging"/> decides.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Adds log providers; not used when <see cref="LoggerFactory"/> is given. Null: no logs.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }

    /// <summary>Longest wait for running functions when the host stops: positive, default 30 s, by <see cref="TimeProvider"/>.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    // For tests: these types' functions instead of the whole assembly's.
    internal IReadOnlyList<Type>? FunctionTypes { get; init; }

    // For tests: a client that is not a real one.
    internal Func<string, ServiceBusClientOptions, ServiceBusClient>? CreateServiceBusClient { get; init; }
}
