using System.Globalization;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.HostJson;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Settings;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost;

/// <summary>Reads all that can be read, and be wrong, before a worker is started; then the worker's list of functions.</summary>
internal sealed class FunctionsHostBuilder
{
    private const string BodyLimitSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
    private const long DefaultBodyLimit = 104_857_600;

    private readonly FunctionsHostOptions _options;
    private readonly ILogger _logger;

    private FunctionsHostBuilder(
        FunctionsHostOptions options, ILogger logger, IConfiguration settings, HostSettings host, StartWorker start, long bodyLimit)
    {
        _options = options;
        _logger = logger;
        Settings = settings;
        Host = host;
        Start = start;
        BodyLimit = bodyLimit;
    }

    public IConfiguration Settings { get; }

    public HostSettings Host { get; }

    public StartWorker Start { get; }

    /// <summary>Longest HTTP request body, in bytes.</summary>
    public long BodyLimit { get; }

    /// <exception cref="FunctionAppException">All that is wrong, at once.</exception>
    public static FunctionsHostBuilder Read(FunctionsHostOptions options, ILogger logger)
    {
        var errors = new List<string>();
        var warnings = new List<string>();
        var folder = Path.GetFullPath(options.AppFolder);
        var file = AppSettings.ReadFile(options.LocalSettingsPath, folder, errors);
        var settings = AppSettings.Compose(file, options.Settings);
        var host = ReadHostJson(folder, settings, errors, warnings);
        var bodyLimit = ReadBodyLimit(settings, errors);
        var start = options.StartWorker
            ?? Starter(folder, AppSettings.ForWorker(file, options.Settings), options.TimeProvider, logger, errors);
        warnings.ForEach(warning => HostLog.Configuration(logger, warning));
        return errors.Count == 0
            ? new FunctionsHostBuilder(options, logger, settings, host, start!, bodyLimit)
            : throw new FunctionAppException(errors);
    }

    /// <exception cref="FunctionAppException">All that is wrong, at once.</exception>
    public IReadOnlyList<FunctionDescriptor> Index(IEnumerable<RpcFunctionMetadata> listed)
    {
        var errors = new List<string>();
        var warnings = new List<string>();
        var indexer = new FunctionIndexer(new TriggerReader(Settings, Host.RoutePrefix, errors), Settings, errors, warnings);
        var functions = indexer.Index(listed.Where(function => _options.Only?.Invoke(function.Name) != false));
        if (functions.Count == 0 && errors.Count == 0) errors.Add($"{_options.AppFolder} has no function that is enabled.");
        warnings.ForEach(warning => HostLog.Configuration(_logger, warning));
        return errors.Count == 0 ? functions : throw new FunctionAppException(errors);
    }

    private static StartWorker? Starter(
        string folder, IReadOnlyDictionary<string, string> variables, TimeProvider time, ILogger logger, List<string> errors) =>
        WorkerConfig.Read(folder, errors) is { } config
            ? (grpc, workerId) => WorkerProcess.Start(
                WorkerCommand.Compose(config, grpc, workerId, variables, watchesHost: true), time, logger)
            : null;

    private static HostSettings ReadHostJson(string folder, IConfiguration settings, List<string> errors, List<string> warnings)
    {
        // The worker builds its routes from the file alone, so an override would leave the two with different ones.
        if (settings["AzureFunctionsJobHost:extensions:http:routePrefix"] is not null)
        {
            errors.Add(
                "AzureFunctionsJobHost__extensions__http__routePrefix: the worker reads the route prefix from host.json alone; "
                    + "set it there.");
        }

        var path = Path.Combine(folder, HostJsonFile.FileName);
        if (!File.Exists(path))
        {
            errors.Add($"{path}: there is no such file; the worker needs it for its routes.");
            return HostSettings.Default;
        }

        using var file = File.OpenRead(path);
        return HostJsonFile.Parse(file, settings, errors, warnings);
    }

    private static long ReadBodyLimit(IConfiguration settings, List<string> errors)
    {
        if (settings[BodyLimitSetting] is not { Length: > 0 } text) return DefaultBodyLimit;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)) return limit;
        errors.Add($"{BodyLimitSetting} must be a number of bytes, but it is '{text}'.");
        return DefaultBodyLimit;
    }
}
