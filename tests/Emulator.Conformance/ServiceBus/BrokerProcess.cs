using System.Diagnostics;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>An emulator in a process of its own, to be killed.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, string connectionString)
    {
        _process = process;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    /// <param name="folder">State folder.</param>
    public static async Task<BrokerProcess> StartAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Emulator.ServiceBus.Host.dll"));
        start.ArgumentList.Add(folder);
        var process = Process.Start(start)!;
        var line = await TestDeadline.Within(process.StandardOutput.ReadLineAsync());
        if (line is not null) return new BrokerProcess(process, line);
        var error = await TestDeadline.Within(process.StandardError.ReadToEndAsync());
        process.Dispose();
        throw new InvalidOperationException($"The broker did not start: {error}");
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await TestDeadline.Within(_process.WaitForExitAsync());
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
