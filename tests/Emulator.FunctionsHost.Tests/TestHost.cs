using System.Security.Cryptography.X509Certificates;
using Emulator.FunctionsHost.Tests.Worker;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests;

/// <summary>Starts a host for some functions of the test app, on a free port, with logs kept.</summary>
internal sealed class TestHost
{
    /// <summary>The built test app.</summary>
    public static readonly string AppFolder = Path.Combine(AppContext.BaseDirectory, "app");

    private readonly Dictionary<string, string?> _settings = new()
    {
        // Chatty at what the tests do not read.
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Bus"] = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;",
        ["TickSchedule"] = "0 0 0 1 1 *",
    };

    public RecordingLoggerFactory Logs { get; } = new();

    public string? FunctionKey { get; init; }

    public X509Certificate2? Certificate { get; init; }

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan LongestRestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Null: the test app's own process.</summary>
    public ScriptedWorkers? Workers { get; init; }

    public WorkerTimeouts Timeouts { get; init; } = new();

    public int HttpPort { get; init; }

    public string? LocalSettingsPath { get; init; }

    public TestHost With(string name, string? value)
    {
        _settings[name] = value;
        return this;
    }

    /// <param name="functions">Those that run; all that the worker lists where none is named.</param>
    public Task<FunctionsHost> StartAsync(params string[] functions) => StartInAsync(AppFolder, functions);

    public Task<FunctionsHost> StartInAsync(string folder, params string[] functions) => FunctionsHost.StartAsync(
        new FunctionsHostOptions
        {
            AppFolder = folder,
            Settings = _settings,
            FunctionKey = FunctionKey,
            ServerCertificate = Certificate,
            LoggerFactory = Logs,
            DrainTimeout = DrainTimeout,
            ShutdownTimeout = ShutdownTimeout,
            LongestRestartDelay = LongestRestartDelay,
            TimeProvider = Time,
            StartWorker = Workers is null ? null : Workers.Start,
            Timeouts = Timeouts,
            HttpPort = HttpPort,
            LocalSettingsPath = LocalSettingsPath,
            Only = name => functions.Length == 0 || functions.Contains(name),
        },
        TestContext.Current.CancellationToken);

    /// <summary>Waits until the app or the host has logged a text that starts so.</summary>
    public Task SeenAsync(string text) => TestDeadline.Until(() => CountOf(text) > 0, $"a log that starts with '{text}'");

    public int CountOf(string text) => Logs.Entries.Count(entry => entry.Message.StartsWith(text, StringComparison.Ordinal));

    public IReadOnlyList<string> Texts(LogLevel level = LogLevel.Information) =>
        [
            .. Logs.Entries.Where(entry => entry.Level == level && entry.Category.Contains("TestApp", StringComparison.Ordinal))
                .Select(entry => entry.Message),
        ];
}
