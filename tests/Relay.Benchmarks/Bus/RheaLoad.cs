using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>rhea, a plain AMQP 1.0 client in JavaScript that nobody here wrote, in a process of its own.</summary>
internal sealed class RheaLoad : IBusLoad
{
    private const string Script = "rhea-load.mjs";

    private readonly Process _process;

    private RheaLoad(Process process) => _process = process;

    /// <param name="folder">Where rhea is installed: the folder that holds <c>node_modules</c>.</param>
    /// <exception cref="CliFault">Node or rhea is not there, or it cannot connect.</exception>
    public static async Task<RheaLoad> StartAsync(string folder, BusAddress address, int bytes, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "rhea")))
        {
            throw new CliFault(
                $"There is no rhea in '{folder}'.", "Run 'npm install rhea@3.0.5' there, or name another folder with --rhea.");
        }

        // ES modules resolve packages from their own folder only.
        var script = Path.Combine(Path.GetFullPath(folder), Script);
        File.Copy(Path.Combine(AppContext.BaseDirectory, Script), script, overwrite: true);
        var arguments = JsonSerializer.Serialize(
            new { host = address.Host, port = address.Port, user = address.User, password = address.Password, node = address.Node, bytes });
        var load = new RheaLoad(
            Process.Start(
                new ProcessStartInfo("node", [script, arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        if (await load._process.StandardOutput.ReadLineAsync(cancellationToken) == "ready") return load;
        await load.DisposeAsync();
        throw new CliFault(
            $"rhea could not open a sender on '{address.Node}' at {address.Host}:{address.Port}.",
            "Is the broker up, and is the node declared there?");
    }

    public Task<TimeSpan> SendAsync(int count, CancellationToken cancellationToken) => AskAsync("send", count, cancellationToken);

    public Task<TimeSpan> ReceiveAsync(int count, CancellationToken cancellationToken) => AskAsync("receive", count, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task<TimeSpan> AskAsync(string what, int count, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{what} {count}").AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new CliFault($"rhea ended during '{what}'.", "Look at what it printed, and at the broker's log.");
        return TimeSpan.FromSeconds(double.Parse(line, CultureInfo.InvariantCulture));
    }
}
