using System.Security.Cryptography.X509Certificates;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost;

/// <summary>What a <see cref="FunctionsHost"/> runs and where it finds its settings. Read once, at start.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>
    /// Folder of the built function app: its <c>worker.config.json</c> is
    /// required, <c>host.json</c> and <c>local.settings.json</c> are read where
    /// they are there. Settings of host.json can be overridden by app settings <c>AzureFunctionsJobHost__...</c>.
    /// </summary>
    public required string AppFolder { get; init; }

    /// <summary>Null: <c>local.settings.json</c> in the app's folder, where there is one. A path given must exist.</summary>
    public string? LocalSettingsPath { get; init; }

    /// <summary>
    /// App settings that win over the environment and local.settings.json. <c>__</c>
    /// in a name means <c>:</c>. The worker gets them as environment variables.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Port on loopback for HTTP functions: 0 to 65535, 0 (the default) for any free one.</summary>
    public int HttpPort { get; init; }

    /// <summary>
    /// Server certificate with its key, to serve HTTPS beside HTTP; the caller disposes it after
    /// the host. A client may then show a certificate of its own: whoever issued it, the app
    /// finds it in the header <c>X-ARR-ClientCert</c>, as on the platform, and decides what it is worth. Null (the default): HTTP only.
    /// </summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>
    /// Port on loopback for HTTPS: 0 to 65535, 0 (the default) for any free one. Means nothing without <see cref="ServerCertificate"/>.
    /// </summary>
    public int HttpsPort { get; init; }

    /// <summary>
    /// Key that callers of functions with a level above Anonymous must send, as <c>x-functions-key</c> or <c>?code=</c>.
    /// Null (the default): every function is open, as under <c>func start</c>.
    /// </summary>
    public string? FunctionKey { get; init; }

    /// <summary>Drives timers, time limits and delays of this host; the worker has its own clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logs go, the worker's too; the caller disposes it. Null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// When the host stops: how long functions that run may go on before their tokens are signalled. Not negative, default 5 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When the host stops: longest wait for functions that run, all told. Positive, default 30 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause before a worker that keeps dying is started again. Not negative, default 30 s.</summary>
    public TimeSpan LongestRestartDelay { get; init; } = TimeSpan.FromSeconds(30);

    // For tests: only these functions are run, of all that the worker lists.
    internal Predicate<string>? Only { get; init; }

    // For tests: something else than the app's process.
    internal StartWorker? StartWorker { get; init; }

    internal WorkerTimeouts Timeouts { get; init; } = new();
}
