using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Worker;

/// <summary>
/// Writes the workers' logs into the host's, away from the streams they come on, so that a slow log holds up no invocation. What does not
/// fit is dropped and counted. One for all workers of a host; it stops with <see cref="DisposeAsync"/>, after writing what it has.
/// </summary>
internal sealed class WorkerLogs : IAsyncDisposable
{
    private const int Capacity = 8_192;

    // A category is text of the worker's: a worker that makes one up per message must not fill the memory.
    private const int MaxCategories = 1_024;
    private const string OtherCategory = "Worker";

    private readonly Channel<(RpcLog Log, bool HasInvocation)> _entries;
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private readonly ILoggerFactory _factory;
    private readonly ILogger _own;
    private readonly Task _writing;
    private long _dropped;

    public WorkerLogs(ILoggerFactory factory)
    {
        _factory = factory;
        _own = factory.CreateLogger<WorkerLogs>();

        // The newest go: the first ones of a storm tell its cause.
        var options = new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite };
        _entries = Channel.CreateBounded<(RpcLog, bool)>(options, _ => Interlocked.Increment(ref _dropped));
        _writing = WriteAsync();
    }

    /// <summary>Never waits.</summary>
    /// <param name="hasInvocation">Whether it belongs to an invocation that runs; the others are of the worker's own house.</param>
    public void Add(RpcLog log, bool hasInvocation) => _entries.Writer.TryWrite((log, hasInvocation));

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await foreach (var (log, hasInvocation) in _entries.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Write(log, hasInvocation);
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var count) HostLog.LogsDropped(_own, count);
        }
    }

    private void Write(RpcLog log, bool hasInvocation)
    {
        if (LevelOf(log, hasInvocation) is not { } level) return;
        var logger = LoggerOf(log.Category);
        if (!logger.IsEnabled(level)) return;
        var exception = log.Exception is { } remote ? new RemoteException(remote) : null;
        var eventId = int.TryParse(log.EventId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new EventId(number)
            : new EventId(0, log.EventId);
        logger.Log(level, eventId, log.Message, exception, static (message, _) => message);
    }

    private ILogger LoggerOf(string category)
    {
        if (category.Length == 0 || (_loggers.Count >= MaxCategories && !_loggers.ContainsKey(category))) category = OtherCategory;
        return _loggers.GetOrAdd(category, _factory.CreateLogger);
    }

    // What an app's frameworks note without an invocation (four lines a
    // request) the Functions host drops. Here it is kept, for who looks for it.
    private static LogLevel? LevelOf(RpcLog log, bool hasInvocation) => log.Level switch
    {
        RpcLog.Types.Level.Trace => LogLevel.Trace,
        RpcLog.Types.Level.Debug => LogLevel.Debug,
        RpcLog.Types.Level.Information => hasInvocation ? LogLevel.Information : LogLevel.Debug,
        RpcLog.Types.Level.Warning => LogLevel.Warning,
        RpcLog.Types.Level.Error => LogLevel.Error,
        RpcLog.Types.Level.Critical => LogLevel.Critical,
        RpcLog.Types.Level.None => null,
        _ => LogLevel.Debug,
    };
}
