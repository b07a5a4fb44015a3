using System.Diagnostics;
using System.Text;

namespace Relay.Testing;

/// <summary>A local stack as people run it: a process <c>relay up</c> on free ports, gone with its state when disposed.</summary>
public sealed class RunningStack : IAsyncDisposable
{
    private const string Ready = "Ctrl-C stops it";

    private readonly Process _process;
    private readonly StringBuilder _printed;
    private readonly Task<string> _errors;
    private readonly Task<string> _rest;

    private RunningStack(Process process, string state, StringBuilder printed, Task<string> errors)
    {
        _process = process;
        State = state;
        _printed = printed;
        _errors = errors;
        _rest = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Its state folder.</summary>
    public string State { get; }

    /// <summary>The system's number of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>What it printed until it was up.</summary>
    public string Printed => _printed.ToString();

    /// <summary>Starts one and waits until it says that it is up.</summary>
    /// <param name="state">Its state folder.</param>
    /// <param name="environment">Added to the environment of this process.</param>
    public static async Task<RunningStack> StartAsync(string state, IReadOnlyDictionary<string, string>? environment)
    {
        var process = RelayProgram.Start(
            Path.GetTempPath(), environment,
            "up", "--state", state, "--amqp-port", "0", "--admin-port", "0", "--vault-port", "0", "--http-port", "0", "--https-port", "0");
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var printed = new StringBuilder();
        try
        {
            while (await TestDeadline.Within(
                process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
            {
                printed.AppendLine(line);
                if (line.Contains(Ready, StringComparison.Ordinal)) return new RunningStack(process, state, printed, errors);
            }

            throw new InvalidOperationException($"The stack did not come up: {await errors}");
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>Kills it.</summary>
    /// <returns>What it wrote to its error stream.</returns>
    public async Task<string> KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        await _rest;
        return await _errors;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
