using System.ComponentModel;
using System.Diagnostics;
using Emulator.FunctionsHost.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Worker;

/// <summary>
/// The app's own process. Its output goes to the log; its input is held
/// open for as long as this process lives, see <see cref="StartupHook"/>.
/// </summary>
internal sealed class WorkerProcess : IWorkerProcess
{
    private const int KeptErrors = 3;

    // After the process has gone, something that it started may hold its output open.
    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Queue<string> _errors = new();

    private WorkerProcess(Process process, TimeProvider time, ILogger logger)
    {
        _process = process;
        _time = time;
        _logger = logger;
        Id = process.Id;
        Exited = WatchAsync();
    }

    public int Id { get; }

    public Task<WorkerExit> Exited { get; }

    /// <exception cref="WorkerException">The executable cannot be started.</exception>
    public static WorkerProcess Start(ProcessStartInfo start, TimeProvider time, ILogger logger)
    {
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            process.Dispose();
            throw new WorkerException($"The worker's executable {start.FileName} cannot be started: {exception.Message}", exception);
        }

        return new WorkerProcess(process, time, logger);
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended meanwhile.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task<WorkerExit> WatchAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var output = LineReader.ReadAllAsync(_process.StandardOutput, line => HostLog.WorkerOutput(_logger, Id, line));
        var errors = LineReader.ReadAllAsync(_process.StandardError, OnError);
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAll(output, errors).WaitAsync(OutputLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_errors)
        {
            return new WorkerExit(_process.ExitCode, string.Join(" | ", _errors));
        }
    }

    private void OnError(string line)
    {
        HostLog.WorkerError(_logger, Id, line);
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrors) _errors.Dequeue();
        }
    }
}
