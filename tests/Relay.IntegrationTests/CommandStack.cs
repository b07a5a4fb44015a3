using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>A state folder with a stack of its own, <c>relay up</c>, and the other commands on it: each a process.</summary>
public abstract class CommandStack : IAsyncLifetime
{
    private const int Sigterm = 15;
    private Process _stack = null!;

    /// <summary>Process id of <c>relay up</c>.</summary>
    private protected int StackId => _stack.Id;

    /// <summary>What <c>relay up</c> is told besides its ports.</summary>
    private protected virtual string[] UpOptions => [];

    private protected string State { get; } = Directory.CreateTempSubdirectory("relay-command-test-").FullName;

    public async ValueTask InitializeAsync()
    {
        // Us has put a hybrid key there, iran gets one on P-256: contents of both kinds go through the stack.
        var folder = Directory.CreateDirectory(Path.Combine(State, "delegations", "us")).FullName;
        using (var hybrid = HybridKeyPair.Generate("us#enc-1"))
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "encryption.jwk"), hybrid.ToJson(), TestContext.Current.CancellationToken);
        }

        string[] ports = ["--amqp-port", "0", "--admin-port", "0", "--vault-port", "0", "--http-port", "0", "--https-port", "0"];
        _stack = Start(["up", .. ports, .. UpOptions]);
        while (await TestDeadline.Within(_stack.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
        {
            if (line.Contains("Ctrl-C stops it", StringComparison.Ordinal)) return;
        }

        Assert.Fail($"The stack did not come up: {await _stack.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (!_stack.HasExited) _stack.Kill(entireProcessTree: true);
        await _stack.WaitForExitAsync(CancellationToken.None);
        _stack.Dispose();
        Directory.Delete(State, recursive: true);
    }

    /// <summary>Reads what the stack prints of what passes, up to a line that is so.</summary>
    private protected async Task PassesAsync(string pattern)
    {
        var lines = new List<string>();
        while (await TestDeadline.Within(_stack.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
        {
            if (Regex.IsMatch(line, pattern)) return;
            lines.Add(line);
        }
        Assert.Fail($"'{pattern}' never passed, but {string.Join('\n', lines)}");
    }

    private protected async Task SignAsync(string file, string text, string lane) =>
        await SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", text, "--lane", lane, "--out", PathOf(file));

    private protected async Task<Envelope> EnvelopeOfAsync(string file)
    {
        var wire = await File.ReadAllBytesAsync(PathOf(file), TestContext.Current.CancellationToken);
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    private protected string PathOf(string file) => Path.Combine(State, file);

    private protected async Task<string> SucceedAsync(params string[] args)
    {
        var (code, output, errors) = await RunAsync(args);
        Assert.True(code == 0, $"relay {string.Join(' ', args)} exited with {code}: {errors}");
        return output;
    }

    private protected async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await TestDeadline.Within(process.WaitForExitAsync(TestContext.Current.CancellationToken));
        return (process.ExitCode, await output, await errors);
    }

    private protected Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "relay.dll"), .. args, "--state", State])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    /// <summary>SIGKILL to the stack alone, as <c>kill -9</c> does it.</summary>
    private protected async Task KillAsync()
    {
        _stack.Kill();
        await TestDeadline.Within(_stack.WaitForExitAsync(TestContext.Current.CancellationToken));
    }

    private protected async Task<int> StopAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send on Windows.");
        using (var kill = Process.Start("kill", [$"-{Sigterm}", $"{_stack.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await TestDeadline.Within(_stack.WaitForExitAsync(TestContext.Current.CancellationToken));
        return _stack.ExitCode;
    }
}
